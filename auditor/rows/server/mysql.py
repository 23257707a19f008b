"""MySQL and MariaDB by PyMySQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, create_engine, event

from auditor.errors import CannotStart
from auditor.rows.base import RowTable
from auditor.rows.columns import RAW, raw_batch
from auditor.rows.server.dialect import ask
from auditor.rows.server.mysql_sql import MysqlSql
from auditor.rows.server.shape import FIELDS, Kind, Shape, column, columns, relation
from auditor.rows.server.statements import ServerSql

_KINDS: dict[Any, Kind] = {  # by type of field (https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html)
    **dict.fromkeys((1, 2, 3, 8, 9, 13), Kind.WHOLE),
    **dict.fromkeys((0, 4, 5, 246), Kind.NUMBER),
    **dict.fromkeys((7, 10, 12, 14), Kind.MOMENT),  # timestamp, date, datetime
    **dict.fromkeys((15, 249, 250, 251, 252, 253, 254), Kind.TEXT),  # or bytes, which their character set tells
}
_LACKING = (1146, 1054, 1049)  # no such table, column, database
_SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',ANSI_QUOTES'), time_zone = '+00:00', max_sort_length = 4096",
)
_DEFAULTS = {"connect_timeout": 15, "read_timeout": 900}  # seconds; the latter for one page without an index


class Mysql:
    drivername = "mysql+pymysql"
    extra = "mysql"
    index_hint = "an index on the key in a collation of bytes, as docs/rows.md says"

    def engine(self, url: URL, options: Mapping[str, Any]) -> Engine:
        """Every session is told that its transactions are REPEATABLE READ and READ ONLY before it is used."""
        arguments = {name: value for name, value in _DEFAULTS.items() if name not in url.query}
        url = url.update_query_dict({"charset": "utf8mb4"})
        engine = create_engine(url, connect_args=arguments, **options)
        event.listen(engine, "connect", _prepare, insert=True)  # SQLAlchemy looks at the settings after that
        return engine

    def statements(self, connection: Connection, table: RowTable) -> ServerSql:
        result = ask(connection, f"SELECT {columns(table)} FROM {relation(table)} LIMIT 0")  # noqa: S608
        described = {column[0]: _KINDS.get(column[1], Kind.OTHER) for column in result.cursor.description}
        result.close()
        names = [field for field in FIELDS if field in described]
        sets = ", ".join(f"CHARSET({column(table, field)})" for field in names)
        # a row of NULLs that have the columns' types, even where the table is empty
        nulls = f"FROM (SELECT 1) AS one LEFT JOIN {relation(table)} ON FALSE"
        collation, *found = tuple(ask(connection, f"SELECT COLLATION({column(table, 'key')}), {sets} {nulls}").one())
        for field, charset in zip(names, found, strict=True):
            if described[field] is Kind.TEXT and charset == "binary":
                described[field] = Kind.BINARY
        kinds = {field: described.get(field, Kind.ABSENT) for field in FIELDS}
        if kinds["key"] not in (Kind.TEXT, Kind.BINARY):
            raise CannotStart(f"column {table.key} is no text: give it as text by a `query` in [rows]")
        return MysqlSql(Shape(table, kinds, collation))

    def read(self, connection: Connection, sql: str) -> pa.Table:
        return pa.Table.from_batches([raw_batch(ask(connection, sql).fetchall())], RAW)

    def sorts(self, connection: Connection, sql: str) -> bool:
        plan = ask(connection, f"EXPLAIN {sql}").mappings().all()
        return any("filesort" in str(step["Extra"]) for step in plan)

    def follows(self, connection: Connection) -> bool:
        return bool(ask(connection, "SELECT @@GLOBAL.read_only").scalar_one())

    def lacks(self, error: BaseException | None) -> bool:
        return bool(error and error.args and error.args[0] in _LACKING)


def _prepare(connection: Any, _: Any) -> None:
    with connection.cursor() as cursor:
        for statement in _SESSION:
            cursor.execute(statement)
