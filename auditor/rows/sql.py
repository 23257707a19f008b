# ruff: noqa: S608 -- names are quoted and values are hexadecimal literals: nothing in a key can become SQL
"""The SELECTs that read rows, as text: SQLite's side of `auditor.frames.ROWS`.

Bounds are written as hexadecimal literals, so that any key (NUL bytes, quotes, text that is not UTF-8) is only data and
reads the same through every driver. `COLLATE BINARY` is spelt out wherever keys are compared or sorted: it is the
order of the bucket, whatever collation the column was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auditor.rows.base import RowTable

RAW_COLUMNS = ("key", "uid", "size", "content_type", "micros", "time_text")
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999, as unix seconds


def quoted(name: str) -> str:
    """
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: bytes) -> str:
    """
    >>> text_literal(b"a/b")
    "CAST(x'612f62' AS TEXT)"
    """
    return f"CAST(x'{value.hex()}' AS TEXT)"


def texts_of(table: str, column: str | None) -> str:
    """A column, or all columns, of a whole table."""
    return f"SELECT t.{quoted(column) if column else '*'} FROM {quoted(table)} AS t"


@dataclass(frozen=True)
class RowsSql:
    """The statements for one table; `rowid` is the name that reaches its row ids, None where it has none."""

    table: RowTable
    rowid: str | None

    def page(self, after: bytes | None, until: bytes | None, limit: int) -> str:
        """The first `limit` rows with a key in (after, until]; in any order where the table has row ids.

        Looking rows up in the order in which they lie on disk is what makes this fast. A row id that the index has
        and the table lacks comes back as a row of nulls (hence LEFT JOIN): a damaged file is not a short page. The
        second LIMIT keeps SQLite from dropping the ORDER BY of the subquery.
        """
        wanted = f"WHERE {self._between(after, '>', until, '<=')} ORDER BY {self._key} COLLATE BINARY LIMIT {limit}"
        if self.rowid is None:
            return f"SELECT {self._columns} FROM {self._table} {wanted}"
        ids = f"SELECT r.{self.rowid} AS i FROM {self._table} {wanted}"
        return (
            f"SELECT {self._columns} FROM (SELECT i FROM ({ids}) ORDER BY i LIMIT {limit}) AS p "
            f"LEFT JOIN {self._table} ON r.{self.rowid} = p.i"
        )

    def in_order(self) -> str:
        """Every row in key order, after a first row without a key that shows the type of every other column.

        With the index, every row would be a look-up; without it, SQLite reads the file once and sorts on disk.
        """
        types = "SELECT NULL AS key, '' AS uid, 0 AS size, '' AS content_type, 0 AS micros, '' AS time_text"
        return self._sorted(types, self._columns)

    def in_order_as_kept(self) -> str:
        """The same for sizes that are integers and times that are numbers, the latter in seconds and never text.

        Sizes and times come as they are kept, which is much faster; whoever reads them has to see to their types.
        """
        types = "SELECT NULL AS key, '' AS uid, 0 AS size, '' AS content_type, 0.0 AS seconds"
        uid, size, kind, time = self._values
        return self._sorted(types, f"{self._key} AS key, {_text(uid)}, {size}, {_text(kind)}, {time}")

    def _sorted(self, types: str, columns: str) -> str:
        whole = self._table if self.rowid is None else f"{self._table} NOT INDEXED"
        rows = f"SELECT {columns} FROM {whole} WHERE {self._between(None, '>', None, '<=')}"
        return f"SELECT * FROM ({types} UNION ALL {rows}) ORDER BY key COLLATE BINARY"

    def group(self, key: bytes) -> str:
        """Every row of one key."""
        return f"SELECT {self._columns} FROM {self._table} WHERE {self._key} COLLATE BINARY = {text_literal(key)}"

    def count(self, first: bytes | None, beyond: bytes | None) -> str:
        if first is None and beyond is None:  # SQLite counts a whole table some twenty times as fast as a range
            return f"SELECT count(*) - ({self.count_not_text()}) FROM {self._table}"
        return f"SELECT count(*) FROM {self._table} WHERE {self._between(first, '>=', beyond, '<')}"

    def nth_key(self, first: bytes | None, beyond: bytes | None, skip: int) -> str:
        """The key that has `skip` keys of the range before it; an index on the key is all that is read."""
        wanted = f"WHERE {self._between(first, '>=', beyond, '<')} ORDER BY {self._key} COLLATE BINARY"
        return f"SELECT CAST({self._key} AS BLOB) FROM {self._table} {wanted} LIMIT 1 OFFSET {skip}"

    def count_not_text(self) -> str:
        """How many keys are NULL, numbers or BLOBs: SQLite sorts them outside of all text, so an index answers."""
        parts = (f"{self._key} IS NULL", f"{self._key} COLLATE BINARY < ''", f"{self._key} COLLATE BINARY >= x''")
        return "SELECT " + " + ".join(f"(SELECT count(*) FROM {self._table} WHERE {part})" for part in parts)

    def lookup(self, keys: int) -> str:
        """Rows by `keys` numbered parameters (bytes), whether the key is kept as text or as a BLOB.

        The first IN can use an index of the column's own collation, which may find too much; the second is exact.
        """
        forms = ", ".join(f"CAST(?{n} AS TEXT), ?{n}" for n in range(1, keys + 1))
        columns = self._columns.replace(self._key, f"CAST({self._key} AS TEXT)", 1)
        return (
            f"SELECT {columns} FROM {self._table} WHERE {self._key} IN ({forms}) "
            f"AND {self._key} COLLATE BINARY IN ({forms})"
        )

    def in_range(self, after: bytes | None, until: bytes | None) -> str:
        """The condition that the key of r lies in (after, until]."""
        return self._between(after, ">", until, "<=")

    @property
    def relation(self) -> str:
        """What stands after FROM: the table as r."""
        return self._table

    @property
    def _table(self) -> str:
        if self.table.query is not None:
            return f"({self.table.query}\n) AS r"  # a comment at the query's end must not swallow what follows
        return f"{quoted(self.table.name)} AS r"

    @property
    def _key(self) -> str:
        return f"r.{quoted(self.table.key)}"

    @property
    def _values(self) -> tuple[str, str, str, str]:
        """Uid, size, content type and time, as they are kept."""
        table = self.table
        uid, size, kind, time = (
            f"r.{quoted(name)}" if name else "NULL"
            for name in (table.uid, table.size, table.content_type, table.created_at)
        )
        return uid, size, kind, time

    @property
    def _columns(self) -> str:
        uid, size, kind, time = self._values
        values = (self._key, _text(uid), _whole(size), _text(kind), _micros(time), _text_alone(time))
        return ", ".join(f"{value} AS {name}" for value, name in zip(values, RAW_COLUMNS, strict=True))

    def _between(
        self, low: bytes | None, above: Literal[">", ">="], high: bytes | None, below: Literal["<", "<="]
    ) -> str:
        upper = "< x''" if high is None else f"{below} {text_literal(high)}"  # x'' ends all text
        return f"{self._from(low, above)} AND {self._key} COLLATE BINARY {upper}"

    def _from(self, low: bytes | None, above: Literal[">", ">="]) -> str:
        return f"{self._key} COLLATE BINARY " + (">= ''" if low is None else f"{above} {text_literal(low)}")


def _text(column: str) -> str:
    return f"CASE typeof({column}) WHEN 'text' THEN {column} WHEN 'integer' THEN CAST({column} AS TEXT) END"


def _text_alone(column: str) -> str:
    return f"CASE WHEN typeof({column}) = 'text' THEN {column} END"


def _whole(column: str) -> str:
    """An integer however it is kept, NULL for everything that is none."""
    whole = f"CAST({column} AS INTEGER)"
    return (
        f"CASE typeof({column}) WHEN 'integer' THEN {column} "
        f"WHEN 'real' THEN CASE WHEN abs({column}) <= 9007199254740992.0 AND {column} = {whole} THEN {whole} END "
        f"WHEN 'text' THEN CASE WHEN {column} = CAST({whole} AS TEXT) THEN {whole} END END"
    )


def _micros(column: str) -> str:
    """Unix seconds as whole microseconds, NULL outside of the years 1 to 9999."""
    sane = f"{column} BETWEEN {FIRST_SECOND} AND {LAST_SECOND}"
    return (
        f"CASE typeof({column}) WHEN 'real' THEN CASE WHEN {sane} THEN CAST(round({column} * 1e6) AS INTEGER) END "
        f"WHEN 'integer' THEN CASE WHEN {sane} THEN {column} * 1000000 END END"
    )
