"""Pages by ADBC, about twice as fast as by Python objects; for private copies alone.

ADBC brings a SQLite of its own. Two of them in one process on one live file would cancel each other's POSIX locks
(https://www.sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application); a file opened
`immutable` takes no locks, so there they cannot meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
from adbc_driver_sqlite import dbapi

from auditor.errors import RowsFailed
from auditor.formats.sqlite_check import uri
from auditor.rows.columns import raw_table

# The driver fixes a column's type after this many rows and fails where a later row has another: more than any page.
_ROWS_BEFORE_TYPES = {"adbc.sqlite.query.batch_rows": str(1 << 30)}


class ArrowReader:
    """Raw pages of an immutable file; any thread may ask, each time over a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._uri = uri(path, immutable=True)

    def batches(self, sql: str, rows: int, made_raw: Callable[[pa.Table], pa.Table] = raw_table) -> Iterator[pa.Table]:
        """A statement's rows as RAW, `rows` at a time; its first row must hold a value for every column but the key.

        Raises RowsFailed, also where a later row has another type than the first.
        """
        try:
            with dbapi.connect(self._uri, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
                cursor.execute(sql)
                for batch in cursor.fetch_record_batch():
                    yield made_raw(pa.Table.from_batches([batch]))
        except (dbapi.Error, pa.ArrowException, OSError) as error:
            raise RowsFailed(str(error)) from error

    def read(self, sql: str) -> pa.Table:
        """A statement's rows as `auditor.rows.columns.RAW`; raises RowsFailed."""
        try:
            with dbapi.connect(self._uri, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.adbc_statement.set_options(**_ROWS_BEFORE_TYPES)
                cursor.execute(sql)
                return raw_table(cursor.fetch_arrow_table())
        except (dbapi.Error, pa.ArrowException, OSError) as error:
            raise RowsFailed(str(error)) from error
