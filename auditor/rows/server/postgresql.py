"""PostgreSQL by psycopg: rows by COPY, which hands over text that Arrow reads at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy import URL, Connection, Engine, create_engine

from auditor.errors import CannotStart
from auditor.rows.base import RowTable
from auditor.rows.columns import RAW
from auditor.rows.server.dialect import ask
from auditor.rows.server.postgresql_sql import PostgresqlSql
from auditor.rows.server.shape import FIELDS, Kind, Shape, columns, relation
from auditor.rows.server.statements import ServerSql

_KINDS: dict[Any, Kind] = {  # by type OID (pg_type.dat); of a domain, the server names the type below it
    **dict.fromkeys((25, 1043), Kind.TEXT),  # text, varchar
    **dict.fromkeys((20, 21, 23), Kind.WHOLE),
    **dict.fromkeys((700, 701, 1700), Kind.NUMBER),
    **dict.fromkeys((1082, 1114, 1184), Kind.MOMENT),  # date, timestamp without and with time zone
    17: Kind.BINARY,
}
_FORM = "(FORMAT csv, FORCE_QUOTE (key))"  # a key that begins with U+FEFF must not begin the text: Arrow would drop it
_NO_KEY = (Kind.WHOLE, Kind.NUMBER, Kind.MOMENT, Kind.BINARY)
_LACKING = ("42P01", "42703", "3F000")  # undefined table, column, schema
_DEFAULTS = {
    "connect_timeout": 15,  # seconds
    "application_name": "auditor",
    "client_encoding": "utf8",
    "prepare_threshold": None,  # a pooler between may hand every transaction to another session
    "keepalives_idle": 30,  # so that a dead server is noticed
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class Postgresql:
    drivername = "postgresql+psycopg"
    extra = "postgresql"
    index_hint = 'CREATE INDEX CONCURRENTLY ON TABLE (KEY COLLATE "C")'

    def engine(self, url: URL, options: Mapping[str, Any]) -> Engine:
        """Every transaction is begun as REPEATABLE READ and READ ONLY."""
        arguments = {name: value for name, value in _DEFAULTS.items() if name not in url.query}
        engine = create_engine(url, connect_args=arguments, isolation_level="REPEATABLE READ", **options)
        return engine.execution_options(postgresql_readonly=True)

    def statements(self, connection: Connection, table: RowTable) -> ServerSql:
        (encoding,) = ask(connection, "SHOW server_encoding").one()
        if encoding != "UTF8":
            raise CannotStart(
                f"the database keeps its text as {encoding}, which sorts otherwise than the bucket: "
                "copy the table into a database with ENCODING 'UTF8' and audit the copy"
            )
        result = ask(connection, f"SELECT {columns(table)} FROM {relation(table)} LIMIT 0")  # noqa: S608
        described = {column[0]: _KINDS.get(column[1], Kind.OTHER) for column in result.cursor.description}
        kinds = {field: described.get(field, Kind.ABSENT) for field in FIELDS}
        if kinds["key"] in _NO_KEY:
            raise CannotStart(
                f"column {table.key} is no text: give it as text by a `query` in [rows], with convert_from(…, 'UTF8')"
            )
        return PostgresqlSql(Shape(table, kinds))

    def read(self, connection: Connection, sql: str) -> pa.Table:
        """Raises the driver's errors and `pa.ArrowInvalid`."""
        with _cursor(connection) as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT {_FORM}") as copy:
            text = b"".join(copy)
        if not text:
            return RAW.empty_table()
        return pacsv.read_csv(
            pa.BufferReader(text),
            pacsv.ReadOptions(column_names=RAW.names, use_threads=False, block_size=len(text) + 1),
            pacsv.ParseOptions(newlines_in_values=True),
            pacsv.ConvertOptions(  # COPY writes "" for an empty text and nothing for NULL
                column_types=RAW, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
            ),
        )

    def sorts(self, connection: Connection, sql: str) -> bool:
        """By the plan that sorts only if it must."""
        for setting in ("enable_sort", "enable_incremental_sort", "enable_seqscan"):
            ask(connection, f"SET LOCAL {setting} = off")
        (plan,) = ask(connection, f"EXPLAIN (FORMAT JSON) {sql}").one()
        return _has_sort(json.loads(plan) if isinstance(plan, str) else plan)

    def follows(self, connection: Connection) -> bool:
        return bool(ask(connection, "SELECT pg_is_in_recovery()").scalar_one())

    def lacks(self, error: BaseException | None) -> bool:
        return getattr(error, "sqlstate", None) in _LACKING


def _cursor(connection: Connection) -> Any:
    """One of psycopg's own: SQLAlchemy knows no COPY."""
    return connection.connection.driver_connection.cursor()  # type: ignore[union-attr]


def _has_sort(plan: Any) -> bool:
    if isinstance(plan, list):
        return any(_has_sort(part) for part in plan)
    if not isinstance(plan, dict):
        return False
    return "Sort" in str(plan.get("Node Type")) or any(_has_sort(part) for part in plan.values())
