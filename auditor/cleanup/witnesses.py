"""A few objects that have a row, by the run: a database that lacks most of these rows is not that of the bucket."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import ObjectUnreadable
from auditor.rows.base import RowSource
from auditor.store.base import Store

MOST = 32
LEAST_SHARE = 0.5  # of the witnesses; a row may be replaced between the run and the look
_BATCH = 20_000


def choose(objects: Path, secret: Collection[str]) -> list[dict[str, str]]:
    """At most `MOST` pairs of key and row_uid, spread evenly; the same from the same file."""
    chosen: list[tuple[int, str, str]] = []
    stride, seen = 1, 0
    with pq.ParquetFile(objects) as file:
        for batch in file.iter_batches(_BATCH, columns=["key", "family", "class", "row_uid"]):
            for key, uid in _with_rows(pa.Table.from_batches([batch]), secret):
                if seen % stride == 0:
                    chosen.append((seen, key, uid))
                seen += 1
                if len(chosen) > MOST:
                    stride *= 2
                    chosen = [one for one in chosen if one[0] % stride == 0]
    return [{"key": key, "row_uid": uid} for _, key, uid in chosen]


def _with_rows(table: pa.Table, secret: Collection[str]) -> list[tuple[str, str]]:
    mask = pc.and_(pc.equal(table["class"].cast(pa.string()), "ok"), table["row_uid"].is_valid())
    hidden = pc.is_in(table["family"].cast(pa.string()), value_set=pa.array(sorted(secret), pa.string()))
    mine = table.filter(pc.and_(mask, pc.invert(hidden)))
    return list(zip(mine["key"].to_pylist(), mine["row_uid"].to_pylist(), strict=True))


def seen_in(store: Store, witnesses: Sequence[Mapping[str, str]]) -> bool:
    """Whether enough of the witnesses have their object; whether the bucket is the one of the run."""
    found = 0
    for one in witnesses:
        try:
            found += store.head(one["key"]) is not None
        except ObjectUnreadable:
            found += 1  # something is there
    return found >= LEAST_SHARE * len(witnesses)


def vouch(rows: RowSource, witnesses: Sequence[Mapping[str, str]]) -> bool:
    """Whether enough of the witnesses have the row that they had. Raises RowsFailed."""
    found = rows.lookup([one["key"] for one in witnesses])
    there = set(zip(found["key"].to_pylist(), found["uid"].to_pylist(), strict=True))
    same = sum((one["key"], one["row_uid"]) in there for one in witnesses)
    return same > 0 and same >= LEAST_SHARE * len(witnesses)
