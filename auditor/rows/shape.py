"""Whether a database has what the rows are read from: encoding, table, columns, a key that is text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from auditor.errors import CannotStart
from auditor.rows.base import RowTable
from auditor.rows.sql import RowsSql, quoted, text_literal

Ask = Callable[[str], Sequence[Sequence[Any]]]  # a SELECT's rows

NO_COLUMN = 'correct the bindings, or write `uid = ""` (so for size, content_type, created_at) where there is none'
QUERY_GIVES = "it must be one SELECT that gives the columns which [rows] names"
_ROWID_NAMES = ("rowid", "_rowid_", "oid")


def checked_sql(connection: sqlite3.Connection, table: RowTable, source: str) -> RowsSql:
    """The statements for this database; raises CannotStart, or sqlite3.Error where SQLite cannot read."""
    columns = check_shape(lambda sql: connection.execute(sql).fetchall(), table, source)
    sql = RowsSql(table, None if table.query else _rowid_name(connection, table.name, columns))
    try:
        for statement in (sql.page(b"a", b"b", 1), sql.group(b"a"), sql.count_not_text()):
            connection.execute(f"EXPLAIN {statement}").close()
        connection.execute(f"EXPLAIN {sql.lookup(1)}", (b"",)).close()
    except sqlite3.OperationalError as error:
        if table.query is None:
            raise
        raise CannotStart(f"{table} cannot be asked of {source}: {error}; {QUERY_GIVES}") from error
    return sql


def check_shape(ask: Ask, table: RowTable, source: str) -> set[str]:
    """The table's columns, in lower case; raises CannotStart unless rows can be read from it in the bucket's order.

    The columns of a query are not looked at: SQLite says what it lacks when it is asked.
    """
    ((encoding,),) = ask("SELECT encoding FROM pragma_encoding")
    if encoding != "UTF-8":
        raise CannotStart(
            f"{source} keeps its text as {encoding}, which sorts otherwise than the bucket: "
            "copy it into a UTF-8 database with `sqlite3 OLD .dump | sqlite3 NEW` and audit the copy"
        )
    return set() if table.query else _checked_columns(ask, table, source)


def _checked_columns(ask: Ask, table: RowTable, source: str) -> set[str]:
    declared = _declared_types(ask, table.name)
    if not declared:
        raise CannotStart(
            f"{source} has no table {table.name}: name the service's database, or its table in the bindings"
        )
    missing = [name for name in table.columns if name.lower() not in declared]
    if missing:
        raise CannotStart(f"table {table.name} of {source} has no column {', '.join(missing)}: {NO_COLUMN}")
    if _is_numeric(declared[table.key.lower()]):
        raise CannotStart(
            f"column {table.key} of {source} is declared {declared[table.key.lower()]}, which makes SQLite turn text "
            "into numbers: copy the database with that column declared TEXT"
        )
    return set(declared)


def _declared_types(ask: Ask, table: str) -> dict[str, str]:
    """Column name, in lower case as SQLite compares names, to its declared type in upper case."""
    rows = ask(f"SELECT name, type FROM pragma_table_xinfo({text_literal(table.encode())})")  # noqa: S608 -- a literal
    return {name.lower(): kind.upper() for name, kind in rows}


def _is_numeric(declared: str) -> bool:
    """Whether SQLite would turn text that looks like a number into one (https://www.sqlite.org/datatype3.html#3.1)."""
    if "INT" in declared:
        return True
    return bool(declared) and not any(part in declared for part in ("CHAR", "CLOB", "TEXT", "BLOB"))


def is_plain(connection: sqlite3.Connection, table: RowTable) -> bool:
    """Whether rows are kept as they are read, so that reading takes no more than the file holds; raises sqlite3.Error.

    Not so for a query, a view, a virtual table and a table with computed columns.
    """
    kept = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name = ? COLLATE NOCASE"
    computed = "SELECT 1 FROM pragma_table_xinfo(?) WHERE hidden > 0"
    if table.query or connection.execute(kept, (table.name,)).fetchone() is None:
        return False
    return connection.execute(computed, (table.name,)).fetchone() is None


def _rowid_name(connection: sqlite3.Connection, table: str, columns: set[str]) -> str | None:
    """None for a view and for a WITHOUT ROWID table."""
    kinds = {
        kind for (kind,) in connection.execute("SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE", (table,))
    }
    free = [name for name in _ROWID_NAMES if name not in columns]
    if kinds != {"table"} or not free:
        return None
    try:
        connection.execute(f"SELECT {free[0]} FROM {quoted(table)} LIMIT 0").close()  # noqa: S608 -- quoted
    except sqlite3.OperationalError:
        return None
    return free[0]
