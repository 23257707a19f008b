"""What differs between servers beside the text of the SELECTs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import Connection, CursorResult, Engine

from auditor.rows.base import RowTable
from auditor.rows.server.statements import ServerSql


def ask(connection: Connection, sql: str) -> CursorResult[Any]:
    """Sends the text as it is: a `%` in it, as a query of one's own may have, is no parameter."""
    return connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


class Dialect(Protocol):
    drivername: str  # for SQLAlchemy
    extra: str  # of this package, which brings the driver
    index_hint: str  # what makes the order of the keys cheap

    def engine(self, url: Any, options: Mapping[str, Any]) -> Engine:
        """An engine all of whose transactions are read-only snapshots; `options` are those of every dialect."""
        ...

    def statements(self, connection: Connection, table: RowTable) -> ServerSql:
        """Raises CannotStart for text that cannot be compared with a bucket's keys, and the driver's errors."""
        ...

    def read(self, connection: Connection, sql: str) -> pa.Table:
        """A statement's rows as `auditor.rows.columns.RAW`, every one of them."""
        ...

    def sorts(self, connection: Connection, sql: str) -> bool:
        """Whether the statement's order has to be made by sorting, for want of an index."""
        ...

    def follows(self, connection: Connection) -> bool:
        """Whether the server takes no writes, as a standby or replica does, which may be behind."""
        ...

    def lacks(self, error: BaseException | None) -> bool:
        """Whether the driver's error says that a table or a column is not there."""
        ...
