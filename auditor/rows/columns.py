"""Raw columns, as SQLite hands them over, to `auditor.frames.ROWS`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import RowsFailed
from auditor.frames import INSTANT, ROWS
from auditor.rows.sql import FIRST_SECOND, LAST_SECOND, RAW_COLUMNS
from auditor.rows.times import instants

RAW = pa.schema(
    list(zip(RAW_COLUMNS, (pa.binary(), pa.binary(), pa.int64(), pa.binary(), pa.int64(), pa.binary()), strict=True))
)
_AS_KEPT = [pa.string(), pa.string(), pa.int64(), pa.string(), pa.float64()]


def raw_batch(rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Rows of Python values (text as bytes) as one batch of RAW."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(RAW)
    return pa.RecordBatch.from_arrays([pa.array(c, f.type) for c, f in zip(columns, RAW, strict=True)], schema=RAW)


def raw_table(table: pa.Table) -> pa.Table:
    """A driver's table in RAW's types; a column without a single value may have come as any type."""
    columns = [
        pa.nulls(table.num_rows, field.type) if column.null_count == table.num_rows else column.cast(field.type)
        for column, field in zip(table.columns, RAW, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=RAW)


def raw_as_kept(table: pa.Table) -> pa.Table:
    """RAW from the columns of `RowsSql.in_order_as_kept`; raises pa.ArrowInvalid where they need SQLite's own care."""
    if table.schema.types != _AS_KEPT:
        raise pa.ArrowInvalid("sizes or times of mixed types")
    *columns, seconds = table.columns
    sane = pc.and_(pc.greater_equal(seconds, FIRST_SECOND), pc.less_equal(seconds, LAST_SECOND))
    micros = pc.round(pc.multiply(pc.if_else(sane, seconds, None), 1e6), round_mode="half_towards_infinity")
    cast = [column.cast(field.type) for column, field in zip([*columns, micros], RAW, strict=False)]
    return pa.Table.from_arrays([*cast, pa.nulls(table.num_rows, pa.binary())], schema=RAW)


def in_key_order(raw: pa.Table) -> pa.Table:
    """RAW sorted by key (equal keys in the order in which they came); a row that the index alone has is damage."""
    if raw["key"].null_count:
        raise RowsFailed("the index of the keys names rows that the table does not have")
    return raw.take(pc.sort_indices(raw["key"]))


def finished(raw: pa.Table) -> tuple[pa.Table, int]:
    """`ROWS` from RAW, and how many rows were left out because their key is not UTF-8."""
    keys = _decoded(raw["key"])
    if keys is None:
        readable = pa.array([is_utf8(key) for key in raw["key"].to_pylist()], pa.bool_())
        kept, _ = finished(raw.filter(readable))
        return kept, raw.num_rows - kept.num_rows
    columns = [keys, _text(raw["uid"]), raw["size"], _text(raw["content_type"]), _created_at(raw)]
    return pa.Table.from_arrays(columns, schema=ROWS), 0


def _created_at(raw: pa.Table) -> pa.ChunkedArray:
    instant = raw["micros"].cast(INSTANT)
    if raw["time_text"].null_count == raw.num_rows:
        return instant
    return pc.coalesce(instant, instants(_text(raw["time_text"])))


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    try:
        return column.cast(pa.string())  # the cast checks every byte
    except pa.ArrowInvalid:
        return None


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that no key depends on: what is not UTF-8 in it is shown as U+FFFD."""
    decoded = _decoded(column)
    if decoded is None:
        texts = [None if value is None else value.decode(errors="replace") for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return decoded


def is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
