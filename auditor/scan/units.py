"""What grows with the bucket goes to disk, one unit of work at a time.

A unit is one page of one batch of one shard: page 0 holds the batch's objects, the others its rows without an object.
A unit's files (objects, candidates, contents, findings, corrections, dangling) are Arrow IPC files in the staging
folder. In the order of (shard, batch) keys are in order; inside a batch so are the keys of page 0, and those of the
other pages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

_NAME = re.compile(r"(\d{5})-(\d{8})-(\d{5})\.([a-z0-9-]+)\.arrow")
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class Unit(NamedTuple):
    shard: int
    batch: int
    page: int = 0


BESIDE_THE_LISTING = Unit(99_999, 0)  # what document and bucket rules say; in batches of their own, what run rules do


def is_beside_the_listing(unit: Unit) -> bool:
    return unit.shard == BESIDE_THE_LISTING.shard


class Units:
    """The staging folder. Several threads may write, each its own units."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def write(self, unit: Unit, kind: str, table: pa.Table) -> None:
        """Writes one of the unit's files; an empty table leaves none."""
        if table.num_rows:
            with pa.ipc.new_file(self._path(unit, kind), table.schema, options=_OPTIONS) as file:
                file.write_table(table.unify_dictionaries().combine_chunks())

    def append(self, unit: Unit, kind: str, table: pa.Table) -> None:
        """Writes behind what the unit's file has already."""
        before = self.read(unit, kind) if table.num_rows else None
        self.write(unit, kind, table if before is None else pa.concat_tables([before, table]))

    def need(self, unit: Unit, kind: str) -> pa.Table:
        """One of the unit's files that must be there; raises FileNotFoundError."""
        with pa.OSFile(str(self._path(unit, kind))) as file:
            return pa.ipc.open_file(file).read_all()

    def read(self, unit: Unit, kind: str) -> pa.Table | None:
        """One of the unit's files; None when there is none, which means no rows."""
        return self.need(unit, kind) if self._path(unit, kind).exists() else None

    def rows(self, unit: Unit, kind: str) -> int:
        table = self.read(unit, kind)
        return table.num_rows if table is not None else 0

    def all(self, kind: str | None = None) -> list[Unit]:
        """Every unit that has such a file (any file, for None), in key order."""
        names = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted({Unit(int(m[1]), int(m[2]), int(m[3])) for m in names if m and kind in (None, m[4])})

    def _path(self, unit: Unit, kind: str) -> Path:
        return self._folder / f"{unit.shard:05}-{unit.batch:08}-{unit.page:05}.{kind}.arrow"
