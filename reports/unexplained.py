"""The roll-up of unexplained keys as values: what every report that people read says of a prefix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.text import human_bytes
from reports import words
from reports.charts import bar
from reports.verdict import Summary

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class PrefixLine:
    """One entry; `title`, `hint` and `examples` may hold anything."""

    rule: str
    title: str
    objects: int
    objects_bar: float
    bytes: int
    bytes_bar: float
    days: str
    rows: str
    hint: str
    examples: Sequence[str]


def entries(summary: Summary) -> Sequence[Entry]:
    """Empty for a run of a version that did not roll up."""
    found: Sequence[Entry] = summary.get("unexplained", ())
    return found


def prefix_lines(found: Sequence[Entry]) -> list[PrefixLine]:
    most_objects = max((entry["objects"] for entry in found), default=0)
    most_bytes = max((entry["bytes"] for entry in found), default=0)
    return [
        PrefixLine(
            entry["rule"],
            _title(entry),
            entry["objects"],
            bar(entry["objects"], most_objects),
            entry["bytes"],
            bar(entry["bytes"], most_bytes),
            words.days(entry["first_modified"], entry["last_modified"]),
            _rows(entry),
            _hint(entry),
            entry["examples"],
        )
        for entry in found
    ]


def _title(entry: Entry) -> str:
    if entry["prefix"] is None:
        return "(everything else)"
    return entry["prefix"] or "(top of the bucket)"


def _hint(entry: Entry) -> str:
    """What is wrong with a field, or what the keys should perhaps have been; may be empty."""
    if entry["field"] is not None:
        return f"wrong {{{entry['field']}}}"
    return f"nearest {entry['nearest']}" if entry["nearest"] is not None else ""


def amount(found: Sequence[Entry]) -> str:
    """
    >>> amount([{"objects": 1, "bytes": 300}, {"objects": 2, "bytes": 700}])
    '3 objects, 1.0 kB'
    """
    objects, size = (sum(entry[what] for entry in found) for what in ("objects", "bytes"))
    return f"{words.counted(objects, 'object')}, {human_bytes(size)}"


def _rows(entry: Entry) -> str:
    """How many have a row; empty where nobody looked."""
    if entry["with_rows"] is None:
        return ""
    return f"{entry['with_rows']:,} with a row" if entry["with_rows"] else "no rows"
