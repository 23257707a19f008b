"""The findings of a run while they lie in the units' files: in report order, and counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain, groupby

import pyarrow as pa
import pyarrow.compute as pc

from auditor.findings import Finding, RuleInfo, Status
from auditor.scan.columns import Mask, mask_of
from auditor.scan.rulebook import FINDINGS, findings_of
from auditor.scan.units import Unit, Units, is_beside_the_listing

KINDS = ("findings", "findings-second", "findings-contents-first", "findings-contents-second")


def fail_on_looks_at(infos: dict[str, RuleInfo]) -> Callable[[pa.Table], Mask]:
    """Marks the findings that `--fail-on` looks at: all but those a backup is too old to prove."""
    lenient = pa.array([code for code, info in infos.items() if not info.snapshot_counts], pa.string())

    def counts(table: pa.Table) -> Mask:
        snapshot = pc.equal(table["status"], str(Status.SNAPSHOT))
        return ~mask_of(pc.and_(snapshot, pc.is_in(table["rule"], value_set=lenient)))

    return counts


@dataclass
class RuleTally:
    count: int = 0
    counted: int = 0  # those that `--fail-on` looks at
    size: int = 0  # bytes of the objects, each once
    examples: list[str] = field(default_factory=list)


class Tallies:
    """By code: how many, how many bytes, the first five examples. `counts(table)` marks what `--fail-on` looks at.

    An example is a key, or the message of what is about no object.
    """

    def __init__(self, counts: Callable[[pa.Table], Mask]) -> None:
        self._counts = counts
        self._tallies: dict[str, RuleTally] = defaultdict(RuleTally)

    def add(self, units: Units, chosen: Iterable[Unit]) -> None:
        """Counts the findings of these units, each of which is to be added once and in order."""
        for unit in chosen:
            table = _findings(units, unit)
            counted = Counter(table["rule"].filter(pa.array(self._counts(table))).to_pylist())
            for code, number in Counter(table["rule"].to_pylist()).items():
                _add(self._tallies[code], table.filter(pc.equal(table["rule"], code)), number, counted[code])

    def by_code(self) -> dict[str, RuleTally]:
        return dict(sorted(self._tallies.items()))


def _add(tally: RuleTally, mine: pa.Table, number: int, counted: int) -> None:
    subjects = pc.if_else(pc.equal(mine["key"], ""), mine["message"], mine["key"])
    sizes = dict(zip(subjects.to_pylist(), mine["size"].to_pylist(), strict=True))
    tally.count += number
    tally.counted += counted
    tally.size += sum(size or 0 for size in sizes.values())
    tally.examples += list(sizes)[: 5 - len(tally.examples)]


def findings_in_order(units: Units) -> Iterator[Finding]:
    """Every finding by key (byte order), then code; what is about no object comes last."""
    every = units.all()
    listed = [unit for unit in every if not is_beside_the_listing(unit)]
    beside = [list(pages) for _, pages in groupby(filter(is_beside_the_listing, every), key=_batch)]
    yield from merge(_of_listing(units, listed), *(_with_key(units, pages) for pages in beside), key=_order)
    yield from merge(*(_without_key(units, pages) for pages in beside), key=_order)


def _of_listing(units: Units, chosen: Iterable[Unit]) -> Iterator[Finding]:
    for _, pages in groupby(chosen, key=_batch):
        objects, *rows = pages
        lonely = chain.from_iterable(findings_of(_findings(units, unit)) for unit in rows)
        yield from merge(findings_of(_findings(units, objects)), lonely, key=_order)


def _with_key(units: Units, pages: Iterable[Unit]) -> Iterator[Finding]:
    """One page after the other: rules that say more than a page say it in the order of keys."""
    for unit in pages:
        table = _findings(units, unit)
        yield from findings_of(table.filter(pc.not_equal(table["key"], "")))


def _without_key(units: Units, pages: Iterable[Unit]) -> Iterator[Finding]:
    for unit in pages:
        table = _findings(units, unit)
        yield from findings_of(table.filter(pc.equal(table["key"], "")))


def _batch(unit: Unit) -> tuple[int, int]:
    return unit.shard, unit.batch


def _order(found: Finding) -> tuple[bytes, str]:
    return found.key.encode(), found.rule


def _findings(units: Units, unit: Unit) -> pa.Table:
    tables = [table for kind in KINDS if (table := units.read(unit, kind)) is not None]
    table = pa.concat_tables([FINDINGS.empty_table(), *tables]).combine_chunks()
    return table.sort_by([("key", "ascending"), ("rule", "ascending")])
