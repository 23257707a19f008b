"""What is known of contents when a run ends: what the state keeps, and how much of the bucket was ever verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, plain
from auditor.protocols import Depth
from auditor.scan.content.reader import LOOKED
from auditor.scan.content.verified import STATE
from auditor.scan.units import Unit, Units
from auditor.text import isoformat


def news(units: Units, now: datetime) -> Iterator[pa.Table]:
    """What was looked at in this run, as STATE, unit by unit."""
    return (_looks(units, unit, now) for unit in units.all("contents"))


def coverage(units: Units, now: datetime) -> dict[str, Any]:
    """Objects and bytes whose contents were looked at, by depth, now or earlier, and as they are now."""
    books = _Books()
    for unit in units.all("contents"):
        books.add(_current(units, unit, now))
    return books.to_dict()


def settled(units: Units) -> Iterator[pa.Table]:
    """Key and depth of what was looked at in this run so that something can be said of it, unit by unit."""
    return (_settled(units, unit).select(["key", "depth"]) for unit in units.all("looked-first"))


def _settled(units: Units, unit: Unit) -> pa.Table:
    """The first reading says what was read; where it found a fault, the second must have been able to look, too."""
    first = units.read(unit, "looked-first")
    if first is None:
        return LOOKED.empty_table()
    first = first.filter(first["depth"].is_valid())
    second = units.read(unit, "looked-second")
    seen_again = _keys(second.filter(second["depth"].is_valid()) if second is not None else None)
    return first.filter(pc.or_(pc.invert(plain(first["faulty"])), pc.is_in(plain(first["key"]), value_set=seen_again)))


def _looks(units: Units, unit: Unit, now: datetime) -> pa.Table:
    first = _settled(units, unit)
    second = units.read(unit, "looked-second")
    confirmed = _keys(second.filter(second["faulty"]) if second is not None else None)
    full = pc.equal(plain(first["depth"]), str(Depth.FULL))
    stamp = pa.scalar(now, INSTANT)
    never = pa.scalar(None, INSTANT)
    bad = pc.is_in(plain(first["key"]), value_set=confirmed)
    return pa.table(
        [
            first["key"],
            pc.fill_null(first["etag"], ""),
            first["size"],
            pa.repeat(stamp, first.num_rows),
            pc.if_else(full, stamp, pc.coalesce(_earlier(units, unit, first), never)),
            pc.if_else(bad, plain(first["depth"]), pa.scalar(None, pa.string())),
        ],
        schema=STATE,
    )


def _earlier(units: Units, unit: Unit, looked: pa.Table) -> pa.Array:
    """When all of each object was looked at before this run, if it is still the same object."""
    queue = units.need(unit, "contents")
    at = pc.index_in(plain(looked["key"]), value_set=plain(queue["key"]))
    same = pc.equal(pc.fill_null(plain(queue["etag"]), "").take(at), pc.fill_null(plain(looked["etag"]), ""))
    return pc.if_else(same, plain(queue["full_at"]).take(at), pa.scalar(None, INSTANT))


def _keys(table: pa.Table | None) -> pa.Array:
    return pa.array([], pa.string()) if table is None else plain(table["key"])


def _current(units: Units, unit: Unit, now: datetime) -> pa.Table:
    """Size and looks of every object of the unit, this run's included."""
    queue = units.need(unit, "contents").select(["key", "size", "headers_at", "full_at"])
    looks = _looks(units, unit, now)
    at = pc.index_in(plain(queue["key"]), value_set=plain(looks["key"]))
    columns = {"size": plain(queue["size"])}
    for name in ("headers_at", "full_at"):
        columns[name] = pc.if_else(at.is_valid(), plain(looks[name]).take(at), plain(queue[name]))
    return pa.table(columns)


@dataclass
class _Books:
    objects: int = 0
    size: int = 0
    seen: tuple[int, int] = (0, 0)
    whole: tuple[int, int] = (0, 0)
    oldest: datetime | None = None

    def add(self, table: pa.Table) -> None:
        latest = table["headers_at"]
        self.objects += table.num_rows
        self.size += pc.sum(table["size"]).as_py() or 0
        self.seen = _plus(self.seen, table.filter(latest.is_valid()))
        self.whole = _plus(self.whole, table.filter(table["full_at"].is_valid()))
        oldest = pc.min(latest).as_py()
        if oldest is not None:
            self.oldest = min(oldest, self.oldest or oldest)

    def to_dict(self) -> dict[str, Any]:
        never = (self.objects - self.seen[0], self.size - self.seen[1])
        return {
            "known": _tally((self.objects, self.size)),
            "verified": _tally(self.seen),
            "verified_whole": _tally(self.whole),
            "never": _tally(never),
            "oldest": isoformat(self.oldest) if self.oldest else None,
        }


def _plus(sums: tuple[int, int], table: pa.Table) -> tuple[int, int]:
    return sums[0] + table.num_rows, sums[1] + (pc.sum(table["size"]).as_py() or 0)


def _tally(sums: tuple[int, int]) -> dict[str, int]:
    return {"objects": sums[0], "bytes": sums[1]}
