"""The unexplained keys of a run, rolled up: one entry for each prefix that they share, however many they are.

Two passes over what the sweep wrote down: the first finds the prefixes that weigh the most, the second counts them
exactly. What the others hold is summed up, for each rule in one entry without a prefix, so that nothing is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.scan.group import SUMS, Group, Label
from auditor.scan.heaviest import heaviest
from auditor.scan.unexplained import LABEL
from auditor.scan.units import Units

MOST_GROUPS = 1_000


def roll_up(units: Units, *, rows_known: bool, most: int = MOST_GROUPS) -> list[dict[str, Any]]:
    """`unexplained` of summary.json: the heaviest first, and last what is only summed up.

    `rows_known` says whether the rows were read; if not, `with_rows` is None.
    """
    kept = heaviest(_weights(units), most)
    groups: dict[Label, Group] = defaultdict(Group)
    for parts in _summed(units, SUMS):
        for label, part in parts.items():
            groups[label if label in kept else Label(label.fit, None, None)].add(part)
    entries = [group.entry(label, rows_known=rows_known) for label, group in groups.items()]
    return sorted(entries, key=_place)


def _weights(units: Units) -> Iterator[Mapping[Label, int]]:
    """Bytes, and one for each object, so that empty ones count, too."""
    for parts in _summed(units, [("size", "sum"), ("size", "count")]):
        yield {label: part["size_sum"] + part["size_count"] for label, part in parts.items()}


def _summed(units: Units, sums: Sequence[tuple[Any, ...]]) -> Iterator[dict[Label, dict[str, Any]]]:
    """The sums of every label in one unit, unit by unit in key order."""
    for unit in units.all("unexplained"):
        # In one thread, since "first" means nothing to several.
        groups = units.need(unit, "unexplained").group_by(LABEL, use_threads=False).aggregate(sums)
        yield {Label(*(row[name] for name in LABEL)): row for row in groups.to_pylist()}


def _place(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    prefix, field = entry["prefix"], entry["field"]
    return prefix is None, -entry["bytes"], -entry["objects"], prefix or "", entry["rule"], field or ""
