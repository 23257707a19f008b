"""What several looks at the same objects and rows saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ObjectUnreadable
from auditor.frames import OBJECTS, plain
from auditor.scan.columns import Mask, mask_of
from auditor.scan.merge import ROW_COLUMNS, RowJoin
from auditor.store.base import ObjectFacts, Store

Head = ObjectFacts | ObjectUnreadable | None


def look_at(store: Store, key: str) -> Head:
    """One HEAD: None where the object is gone, and the failure where nobody can tell."""
    try:
        return store.head(key)
    except ObjectUnreadable as error:
        return error


class Looks:
    """The rows of the same keys as seen several times, first to last, each aligned with the candidates."""

    def __init__(self, looks: list[tuple[pa.Table, Mask]]) -> None:
        self._looks = looks
        self.ever: Mask = np.logical_or.reduce([has for _, has in looks])
        self.always: Mask = np.logical_and.reduce([has for _, has in looks])

    def newest(self, trusted: Mask) -> dict[str, pa.Array]:
        """The row columns as last seen.

        The size is kept only where it stood still around a HEAD that worked (`trusted`): a row that was being
        written meanwhile must not be held against the object.
        """
        columns = {name: plain(self._looks[0][0][name]) for name in ROW_COLUMNS}
        for table, has in self._looks[1:]:
            seen = pa.array(has)
            columns = {name: pc.if_else(seen, plain(table[name]), columns[name]) for name in ROW_COLUMNS}
        still = self.always & trusted
        for table, _ in self._looks[1:]:
            still &= mask_of(pc.equal(columns["row_size"], table["row_size"]))
        columns["row_size"] = pc.if_else(pa.array(still), columns["row_size"], None)
        return columns


def rows_of(chunk: pa.Table) -> tuple[pa.Table, Mask]:
    return chunk.select(list(ROW_COLUMNS)), mask_of(chunk["row_class"].is_valid())


def aligned(chunk: pa.Table, rows: pa.Table) -> tuple[pa.Table, Mask]:
    join = RowJoin(plain(chunk["key"]))
    join.add(rows)
    columns, has = join.finish()
    return pa.table(columns), has


def fresh(chunk: pa.Table, heads: list[Head]) -> pa.Table:
    """The objects as HEAD shows them; as listed where nothing changed, since a listing's times are finer."""
    rows = chunk.select(OBJECTS.names).to_pylist()
    for row, head in zip(rows, heads, strict=True):
        if isinstance(head, ObjectFacts) and not _unchanged(row, head):
            row |= {name: getattr(head, name) for name in OBJECTS.names}
    return pa.Table.from_pylist(rows, schema=pa.schema([(field.name, field.type) for field in OBJECTS]))


def _unchanged(row: dict[str, Any], head: ObjectFacts) -> bool:
    if row["last_modified"] is None or row["etag"] != head.etag:
        return False
    listed: datetime = row["last_modified"]
    return listed.replace(microsecond=0) == head.last_modified.replace(microsecond=0)
