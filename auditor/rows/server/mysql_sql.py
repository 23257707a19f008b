"""MySQL's and MariaDB's side of the SELECTs.

Keys are compared as binary strings. Three kinds of columns have an index that can be used for it: VARBINARY; text in
utf8mb4 with a collation of code points and NO PAD (`utf8mb4_nopad_bin`, `utf8mb4_0900_bin`), since code points sort as
UTF-8's bytes do; and text in `utf8mb4_bin`, which is PAD SPACE: there `a` equals `a ` and comes after `a<TAB>`
(https://mariadb.com/kb/en/character-set-and-collation-overview/). For that last kind the index finds a range that is
a little too wide, bytes decide, and pages are sorted by whoever reads them.
"""

from __future__ import annotations

from auditor.rows.server.padding import highest, lowest
from auditor.rows.server.shape import Kind
from auditor.rows.server.statements import FIRST_SECOND, LAST_SECOND, WHOLE_TEXT, ServerSql

PADDED = "utf8mb4_bin"
EXACT = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin")


class MysqlSql(ServerSql):
    text_type = "CHAR"

    @property
    def exact(self) -> str:
        key = self.shape.column("key")
        if self.shape.kinds["key"] is Kind.BINARY or self.shape.collation in EXACT:
            return key
        return f"CAST(CONVERT({key} USING utf8mb4) AS BINARY)"

    @property
    def order(self) -> str:
        return self.shape.column("key") if self.shape.collation == PADDED else self.exact

    @property
    def order_is_exact(self) -> bool:
        return self.shape.collation != PADDED

    def near(self, low: bytes | None, high: bytes | None) -> list[str]:
        if self.shape.collation != PADDED:
            return []
        key, least, most = self.shape.column("key"), lowest(low), highest(high)
        conditions = [f"{key} >= {self.loose_literal(least)}"] if least else []
        return conditions + ([f"{key} <= {self.loose_literal(most)}"] if most else [])

    @property
    def loose(self) -> str:
        return self.shape.column("key")

    @property
    def key_text(self) -> str:
        return self.shape.column("key")

    def literal(self, value: bytes) -> str:
        return self.loose_literal(value) if self.shape.collation in EXACT else _hex(value)

    def loose_literal(self, value: bytes) -> str:
        """Said in the column's own character set and collation, since its index serves nothing else.

        What the character set lacks becomes `?`; that this finds too much does not matter.
        """
        if self.shape.kinds["key"] is Kind.BINARY:
            return _hex(value)
        charset, text = self.shape.collation.split("_")[0], f"_utf8mb4 {_hex(value)}"
        own = text if charset == "utf8mb4" else f"CONVERT({text} USING {charset})"
        return f"{own} COLLATE {self.shape.collation}"

    def text(self, field: str) -> str:
        kind = self.shape.kinds[field]
        return (
            self.shape.column(field)
            if kind is Kind.TEXT
            else (f"CAST({self.shape.column(field)} AS CHAR)" if kind in (Kind.WHOLE, Kind.OTHER) else "NULL")
        )

    def whole(self) -> str:
        kind, column = self.shape.kinds["size"], self.shape.column("size")
        if kind in (Kind.WHOLE, Kind.NUMBER):
            sane = f"{column} BETWEEN -9007199254740992 AND 9007199254740992 AND {column} = FLOOR({column})"
            return f"CASE WHEN {sane} THEN CAST({column} AS SIGNED) END"
        if kind is Kind.TEXT:
            return f"CASE WHEN {column} REGEXP {WHOLE_TEXT} THEN CAST({column} AS SIGNED) END"
        return "NULL"

    def micros(self) -> str:
        kind, column = self.shape.kinds["created_at"], self.shape.column("created_at")
        if kind is Kind.MOMENT:
            return f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {column})"
        if kind in (Kind.WHOLE, Kind.NUMBER):
            sane = f"{column} BETWEEN {FIRST_SECOND} AND {LAST_SECOND}"
            return f"CASE WHEN {sane} THEN CAST(ROUND({column} * 1000000) AS SIGNED) END"
        return "NULL"


def _hex(value: bytes) -> str:
    return f"x'{value.hex()}'"
