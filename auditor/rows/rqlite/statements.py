# ruff: noqa: S608 -- names are quoted and values are literals made here: nothing in a key can become SQL
"""The statements that rqlite is asked, each a plain SELECT, since the first word decides which endpoint others choose.

A page comes as one value: Go's driver and its JSON take most of the time of a row that comes as six values, and JSON
cannot carry a key that is not UTF-8. So SQLite writes a line for each row, `key,uid,size,content_type,micros,
time_text`, with text as hexadecimal digits of its bytes, integers as digits and `-` for NULL, and counts the lines.

Values are written as literals rather than sent as parameters, because rqlite takes a text parameter that looks like
`x'61'` for a BLOB.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.errors import RowsFailed
from auditor.rows.sql import RowsSql, quoted, text_literal

NULL = "-"
_LINE = ("hex(key)", "{uid}", "{size}", "{content_type}", "{micros}", "{time_text}")
_TOKENS = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|:([A-Za-z_][A-Za-z_0-9]*)"""
)


class RqliteSql(RowsSql):
    """`RowsSql` for values that come over rqlite's HTTP."""

    def border(self, after: bytes | None, until: bytes | None, rows: int) -> str:
        """The key with which a page of `rows` rows ends, as hexadecimal digits; no row if the range has fewer."""
        return f"SELECT hex(k) FROM ({self._border(after, until, rows)})"

    def whole_page(self, after: bytes | None, until: bytes | None, rows: int) -> str:
        """The rows in (after, until], and not beyond the border: equal keys are never parted.

        There is one upper bound, since SQLite ends a search at one alone. The LIMIT keeps the subquery apart: merged
        into the outer query, each column's expression would run wherever its name stands.
        """
        last = "x''" if until is None else text_literal(until)  # x'' is greater than all text
        end = f"coalesce(({self._border(after, until, rows)}), {last})"
        wanted = f"{self._from(after, '>')} AND {self._key} COLLATE BINARY <= {end} AND typeof({self._key}) = 'text'"
        return _lines(f"SELECT {self._columns} FROM {self._table} WHERE {wanted} LIMIT -1")

    def rows_of(self, keys: Sequence[bytes]) -> str:
        """Every row that has one of these keys, whether it is kept as text or as a BLOB.

        The first IN can use an index of the column's own collation, which may find too much; the second is exact.
        """
        forms = ", ".join(f"(x'{key.hex()}')" for key in keys)
        wanted = f"SELECT CAST(column1 AS TEXT) AS k, column1 AS b FROM (VALUES {forms})"
        join = f"{self._key} IN (w.k, w.b) AND {self._key} COLLATE BINARY IN (w.k, w.b)"
        return _lines(f"SELECT {self._columns} FROM ({wanted}) AS w CROSS JOIN {self._table} WHERE {join}")

    def cut(self, first: bytes | None, beyond: bytes | None, skip: int) -> str:
        """The key that has `skip` keys of the range before it, as hexadecimal digits."""
        return f"SELECT hex(({self.nth_key(first, beyond, skip)}))"

    def _border(self, after: bytes | None, until: bytes | None, rows: int) -> str:
        wanted = f"WHERE {self._between(after, '>', until, '<=')} ORDER BY {self._key} COLLATE BINARY"
        return f"SELECT {self._key} AS k FROM {self._table} {wanted} LIMIT 1 OFFSET {rows - 1}"


def _lines(select: str) -> str:
    text = {name: f"CASE WHEN {name} IS NULL THEN '{NULL}' ELSE hex({name}) END" for name in _TEXTS}
    whole = {name: f"coalesce({name}, '{NULL}')" for name in _NUMBERS}
    line = " || ',' || ".join(_LINE).format(**text, **whole)
    return f"SELECT count(*), group_concat({line}, char(10)) FROM ({select})"


_TEXTS, _NUMBERS = ("uid", "content_type", "time_text"), ("size", "micros")


def columns_of(sql: str) -> str:
    """No row, and the names of the columns that `sql` has."""
    return f"SELECT * FROM ({sql}\n) LIMIT 0"


def typed(sql: str, columns: Sequence[str]) -> str:
    """The rows of `sql` with every text marked `t`, and every BLOB `b` and written as hexadecimal digits.

    Without that, a BLOB is base64 and looks like text, and a number in a column declared as a time or a boolean is
    turned into one: expressions have no declared type. JSON has no infinity, and Go writes 5.0 as 5, so both are
    marked `r`.
    """
    marked = ", ".join(_MARKED.format(quoted(name)) for name in columns)
    return f"SELECT {marked} FROM ({sql}\n)"


_MARKED = (
    "CASE typeof({0}) WHEN 'text' THEN 't' || {0} WHEN 'blob' THEN 'b' || hex({0}) WHEN 'real' THEN "
    "CASE WHEN {0} IN (9e999, -9e999) THEN 'r' || {0} "
    "WHEN abs({0}) < 9e18 AND {0} = CAST({0} AS INTEGER) THEN 'r' || CAST({0} AS INTEGER) ELSE {0} END ELSE {0} END"
)


def with_values(sql: str, parameters: Mapping[str, Any]) -> str:
    """`:name` outside of quotes and comments replaced by the value; a name that has none stays.

    >>> with_values("SELECT ':key' WHERE k = :key", {"key": "a'b"})
    "SELECT ':key' WHERE k = CAST(x'612762' AS TEXT)"
    """

    def value(found: re.Match[str]) -> str:
        return literal(parameters[found[1]]) if found[1] in parameters else found[0]

    return _TOKENS.sub(value, sql)


def literal(value: Any) -> str:
    """Raises RowsFailed for a value that SQLite has no literal for."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return text_literal(value.encode())
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value + 0)
    raise RowsFailed(f"a parameter of type {type(value).__name__} cannot be asked for")
