"""PostgreSQL's side of the SELECTs. `COLLATE "C"` is the order of UTF-8's bytes in a database that is kept in UTF-8."""

from __future__ import annotations

from auditor.rows.server.shape import Kind
from auditor.rows.server.statements import FIRST_SECOND, LAST_SECOND, WHOLE_TEXT, ServerSql


class PostgresqlSql(ServerSql):
    text_type = "text"

    @property
    def exact(self) -> str:
        return f'{self.loose} COLLATE "C"'

    @property
    def loose(self) -> str:
        key = self.shape.column("key")
        return key if self.shape.kinds["key"] is Kind.TEXT else f"CAST({key} AS text)"

    @property
    def key_text(self) -> str:
        return self.loose

    def literal(self, value: bytes) -> str:
        """
        A text of PostgreSQL holds no NUL: a bound with one lies where the text before it lies. The literal has no
        collation of its own, as the result of a function could have, so that the column's index can be used.

        >>> print(PostgresqlSql.literal(None, b"a/b"))
        E'\\x61\\x2f\\x62'
        """
        return "E'" + "".join(f"\\x{byte:02x}" for byte in value.split(bytes(1))[0]) + "'"

    def loose_literal(self, value: bytes) -> str:
        return self.literal(value)

    def text(self, field: str) -> str:
        kind, column = self.shape.kinds[field], self.shape.column(field)
        return column if kind is Kind.TEXT else f"CAST({column if kind in _WRITTEN else 'NULL'} AS text)"

    def whole(self) -> str:
        kind, column = self.shape.kinds["size"], self.shape.column("size")
        if kind is Kind.WHOLE:
            return column
        if kind is Kind.NUMBER:
            sane = f"abs({column}) <= 9007199254740992 AND {column} = trunc({column})"
            return f"CASE WHEN {sane} THEN CAST({column} AS bigint) END"
        if kind is Kind.TEXT:
            return f"CASE WHEN {column} ~ {WHOLE_TEXT} THEN CAST({column} AS bigint) END"
        return "CAST(NULL AS bigint)"

    def micros(self) -> str:
        kind, column = self.shape.kinds["created_at"], self.shape.column("created_at")
        seconds = f"extract(epoch FROM {column})" if kind is Kind.MOMENT else column
        if kind not in (Kind.MOMENT, Kind.WHOLE, Kind.NUMBER):
            return "CAST(NULL AS bigint)"
        sane = f"{seconds} BETWEEN {FIRST_SECOND} AND {LAST_SECOND}"
        finite = f"isfinite({column}) AND {sane}" if kind is Kind.MOMENT else sane
        return f"CASE WHEN {finite} THEN CAST(round({seconds} * 1e6) AS bigint) END"


_WRITTEN = (Kind.WHOLE, Kind.OTHER)  # uids that are numbers are their digits
