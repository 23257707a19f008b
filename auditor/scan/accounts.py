"""The books of one run: every object in one class, every row in one class, both sums checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.frames import plain
from auditor.scan.columns import NAMES, RECORD, ObjectClass
from auditor.scan.units import Units

CORRECTION_KINDS = ("corrections", "corrections-contents-first", "corrections-contents-second")


@dataclass
class Tally:
    objects: int = 0
    size: int = 0  # bytes

    def add(self, objects: int, size: int) -> None:
        self.objects += objects
        self.size += size

    def to_dict(self) -> dict[str, int]:
        return {"objects": self.objects, "bytes": self.size}


@dataclass
class Accounts:
    """Objects and bytes by (family, class); family None for objects that fit no template."""

    tallies: dict[tuple[str | None, str], Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, table: pa.Table) -> None:
        """Counts a table that has family, class and size."""
        groups = table.select(["family", "class", "size"]).group_by(["family", "class"])
        for row in groups.aggregate([("size", "count"), ("size", "sum")]).to_pylist():
            self.tallies[row["family"], row["class"]].add(row["size_count"], row["size_sum"])

    def total(self) -> Tally:
        return _sum(self.tallies.values())

    def classes(self) -> dict[str, dict[str, int]]:
        names = sorted({name for _, name in self.tallies})
        return {
            name: _sum(tally for (_, other), tally in self.tallies.items() if other == name).to_dict() for name in names
        }

    def family(self, family: str | None) -> dict[str, Any]:
        mine = {name: tally for (other, name), tally in sorted(self.tallies.items(), key=str) if other == family}
        return {**_sum(mine.values()).to_dict(), "classes": {name: tally.to_dict() for name, tally in mine.items()}}


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally.objects, tally.size)
    return total


def write_objects(units: Units, path: Path, *, age_counts: bool = True) -> Accounts:
    """Writes objects.parquet from the units' files with all corrections, and counts what it writes.

    Without `age_counts` (the database was the wrong one) young objects without a row are as unjudged as old ones.
    """
    accounts = Accounts()
    with pq.ParquetWriter(
        path,
        RECORD,
        compression="zstd",
        compression_level=1,
        use_dictionary=["storage_class", "family", "class"],
        column_encoding={"key": "DELTA_BYTE_ARRAY"},
    ) as writer:
        for corrected in _corrected(units):
            table = corrected if age_counts else _unjudged(corrected)
            accounts.add(table)
            writer.write_table(table)
    return accounts


def _corrected(units: Units) -> Iterator[pa.Table]:
    for unit in units.all("objects"):
        table = units.need(unit, "objects")
        for kind in CORRECTION_KINDS:
            table = _correct(table, units.read(unit, kind))
        yield pa.table([table[field.name] for field in RECORD], schema=RECORD)


def _unjudged(table: pa.Table) -> pa.Table:
    """Nothing is known of objects that seemed to have no row."""
    names = plain(table["class"].cast(pa.string()))
    without_row = pa.array([str(ObjectClass.TOO_NEW), str(ObjectClass.PENDING)])
    column = pc.if_else(pc.is_in(names, value_set=without_row), str(ObjectClass.UNJUDGED), names).cast(NAMES)
    return table.set_column(table.column_names.index("class"), RECORD.field("class"), column)


def _correct(table: pa.Table, corrections: pa.Table | None) -> pa.Table:
    """The class and row of corrected keys replaced."""
    if corrections is None:
        return table
    at = pc.index_in(plain(table["key"]), value_set=plain(corrections["key"]))
    changed = at.is_valid()
    for name in ("class", "row_uid"):
        new = plain(corrections[name]).take(at)
        column = pc.if_else(changed, new, plain(table[name].cast(pa.string())))
        table = table.set_column(table.column_names.index(name), name, column.cast(RECORD.field(name).type))
    return table
