"""`looked.parquet`: which contents a run looked at, and how deep; there is no such file where it looked at none.

Columns: key (string, in key order, each once), depth (string: "headers" or "full", see `auditor.protocols.Depth`). An
object that could not be read, whose turn did not come, or of which two readings did not agree is not in it: of such an
object the run cannot say that a fault is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FILENAME = "looked.parquet"
LOOKED = pa.schema([pa.field("key", pa.string(), nullable=False), pa.field("depth", pa.string(), nullable=False)])


def write_looked(tables: Iterable[pa.Table], path: Path) -> None:
    """The tables' keys follow each other; the keys of one table may come in any order."""
    with pq.ParquetWriter(
        path, LOOKED, compression="zstd", column_encoding={"key": "DELTA_BYTE_ARRAY"}, use_dictionary=["depth"]
    ) as writer:
        for table in tables:
            writer.write_table(table.select(LOOKED.names).cast(LOOKED).sort_by("key"))
