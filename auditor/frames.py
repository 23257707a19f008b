"""The columns that flow through the pipe, as Arrow schemas.

Every table in the pipe is sorted by `key` in the byte order of its UTF-8 form, which is the order in which S3 lists
keys and SQLite's BINARY collation sorts text.
"""

from __future__ import annotations

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


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The same columns as a frame whose dtypes stay Arrow's (`pd.ArrowDtype`), so that nothing is converted."""
    return table.to_pandas(types_mapper=pd.ArrowDtype)
