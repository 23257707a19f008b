"""How a server is reached, and the sentence that helps where it cannot be."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from auditor.errors import CannotStart
from auditor.progress import Progress
from auditor.rows.base import RowTable
from auditor.rows.server.address import Address
from auditor.rows.server.dialect import Dialect, ask
from auditor.rows.server.mysql import Mysql
from auditor.rows.server.postgresql import Postgresql
from auditor.rows.server.statements import ServerSql
from auditor.rows.shape import NO_COLUMN, QUERY_GIVES

_DIALECTS: dict[str, type[Dialect]] = {"postgresql": Postgresql, "mysql": Mysql, "mariadb": Mysql}
SCHEMES = tuple(_DIALECTS)
_POOL: dict[str, Any] = {  # a connection that died while nobody asked is replaced without a word
    "pool_pre_ping": True,
    "pool_size": 8,
    "max_overflow": 0,
    "pool_timeout": 900,  # seconds; more threads than connections wait for each other
    "hide_parameters": True,
}


def open_engine(address: Address) -> tuple[Dialect, Engine]:
    """Connects to nothing yet. Raises CannotStart."""
    dialect = _DIALECTS[address.scheme]()
    try:
        return dialect, dialect.engine(address.url.set(drivername=dialect.drivername), _POOL)
    except ImportError:
        raise CannotStart(
            f"{address.scheme}:// needs a driver that is not installed: pip install 'bucket-auditor[{dialect.extra}]'"
        ) from None
    except (ArgumentError, TypeError, ValueError) as error:
        reason = address.reason(error)
        raise CannotStart(f"the {address.scheme}:// URL of --db cannot be used: {reason}") from None


def driver_error(engine: Engine) -> type[Exception]:
    """Everything that the driver raises where SQLAlchemy is not between."""
    error: type[Exception] = engine.dialect.loaded_dbapi.Error
    return error


def opened_statements(
    engine: Engine, dialect: Dialect, address: Address, table: RowTable, progress: Progress
) -> tuple[ServerSql, int]:
    """The statements for this table, and how many of its keys are NULL. Raises CannotStart, with nothing left open."""
    try:
        return _opened(engine, dialect, address, table, progress)
    except BaseException:
        engine.dispose()
        raise


def _opened(
    engine: Engine, dialect: Dialect, address: Address, table: RowTable, progress: Progress
) -> tuple[ServerSql, int]:
    try:
        with engine.connect() as connection:
            try:
                return _checked(connection, dialect, table, address, progress)
            except CannotStart as refusal:
                raise CannotStart(f"{address.source}, {table}: {refusal}") from None
            except DBAPIError as error:
                raise CannotStart(_no_table(error, dialect, address, table)) from None
    except (SQLAlchemyError, TypeError, ValueError, OSError, driver_error(engine)) as error:
        reason = address.reason(error)
        raise CannotStart(
            f"{address.source} cannot be opened: {reason}; check the host, database, user and password of --db"
        ) from None


def _checked(
    connection: Connection, dialect: Dialect, table: RowTable, address: Address, progress: Progress
) -> tuple[ServerSql, int]:
    sql = dialect.statements(connection, table)
    for statement in (sql.page(b"a", b"b", 1), sql.lookup([b"a"]), sql.nth_key(b"a", ">", b"b", 1)):
        ask(connection, f"EXPLAIN {statement}").close()
    nulls = int(ask(connection, sql.count_not_text()).scalar_one())
    if dialect.follows(connection):
        progress.note(
            f"{address.source} takes no writes, as a replica does: rows that it has not received yet look as if they "
            "were not there, also when they are looked up again; name the primary where that matters"
        )
    if dialect.sorts(connection, sql.first_key()):
        progress.note(
            f"{table} of {address.source} has no index in the bucket's order, so every page sorts the table: "
            f"slow if it is large; what helps is {dialect.index_hint}"
        )
    return sql, nulls


def _no_table(error: DBAPIError, dialect: Dialect, address: Address, table: RowTable) -> str:
    reason = address.reason(error)
    if table.query is not None:
        return f"{table} cannot be asked of {address.source}: {reason}; {QUERY_GIVES}"
    if dialect.lacks(error.orig):
        return f"{address.source} lacks {table} or one of its columns: {reason}; {NO_COLUMN}"
    return f"{table} of {address.source} cannot be read: {reason}; grant SELECT on it to the user of --db"
