"""The columns that flow through the pipe, as Arrow schemas.

Every table in the pipe is sorted by `key` in the byte order of its UTF-8 form, which is the order in which S3 lists
keys and SQLite's BINARY collation sorts text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")

OBJECTS = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),  # bytes
        pa.field("last_modified", INSTANT, nullable=False),
        pa.field("etag", pa.string()),  # as the store gives it, quotes included
        pa.field("storage_class", pa.string()),
    ]
)

ROWS = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("uid", pa.string()),
        pa.field("size", pa.int64()),  # bytes; -1 where the service could not tell
        pa.field("content_type", pa.string()),
        pa.field("created_at", INSTANT),  # null where the database holds no readable time
    ]
)


def plain(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One contiguous array; not copied where it is one already, unlike `ChunkedArray.combine_chunks`."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The same columns as a frame whose dtypes stay Arrow's (`pd.ArrowDtype`), so that nothing is converted."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def rows_where(
    frame: pd.DataFrame, mask: pd.Series[bool], columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Position (0-based) and values of each row for which the mask is true; null is false.

    Values are plain Python (None for null), and only the named columns of the chosen rows are ever converted.
    """
    positions = mask.fillna(False).to_numpy(dtype=bool).nonzero()[0]
    if len(positions):
        chosen = pa.table({name: pa.array(frame[name].iloc[positions]) for name in columns})
        yield from zip(positions.tolist(), chosen.to_pylist(), strict=True)
