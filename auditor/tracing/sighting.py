"""What a backup says of one key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.rows import RowSource, RowTable
from auditor.rows.sql import quoted
from auditor.text import isoformat

Values = Mapping[str, Any]  # column -> value, in the table's order


@dataclass(frozen=True)
class Row:
    """One row: the columns that the bindings name, in forms that can be compared, then all others as they are.

    `raw` has every column as the database gives it, for foreign keys to be followed. `created_at` is None for what is
    no time.
    """

    uid: str | None
    created_at: datetime | None
    values: tuple[tuple[str, Any], ...]
    raw: tuple[tuple[str, Any], ...]

    @property
    def identity(self) -> Any:
        """What tells the row from one that took its place."""
        return self.uid if self.uid is not None else self.created_at


@dataclass(frozen=True)
class Rows:
    """The rows of a key; a schema that lets a key have two rows is odd, and possible. Never empty."""

    rows: tuple[Row, ...]

    @property
    def state(self) -> tuple[tuple[tuple[str, Any], ...], ...]:
        return tuple(row.values for row in self.rows)

    @property
    def identity(self) -> tuple[Any, ...]:
        return tuple(row.identity for row in self.rows)

    @property
    def created_at(self) -> datetime | None:
        """Of the first that says so."""
        return min((row.created_at for row in self.rows if row.created_at), default=None)


def rows_of(rows: RowSource, table: RowTable, key: str) -> Rows | None:
    """None where there is none. Raises RowsFailed."""
    found = rows.lookup([key]).to_pylist()
    if not found:
        return None
    return Rows(tuple(_row(one, _whole(rows, table, one), table) for one in found))


def _whole(rows: RowSource, table: RowTable, known: Values) -> Values:
    """Every column of a row; by its uid, since a key that was stored as a BLOB equals no text."""
    name, value = (table.uid, known["uid"]) if known["uid"] is not None else (table.key, known["key"])
    relation = quoted(table.name) if table.query is None else f"({table.query}\n)"
    sql = f"SELECT r.* FROM {relation} AS r WHERE r.{quoted(name)} = :value"  # noqa: S608 -- quoted, or the bindings'
    same = [row for row in rows.select(sql, {"value": value}) or [] if _text(row.get(table.key)) == known["key"]]
    return same[0] if len(same) == 1 else {}


def _text(key: Any) -> Any:
    return key.decode(errors="replace") if isinstance(key, bytes) else key


def _row(known: Mapping[str, Any], whole: Values, table: RowTable) -> Row:
    """`known` is a row of `auditor.frames.ROWS`."""
    names = {"uid": table.uid, "size": table.size, "content_type": table.content_type, "created_at": table.created_at}
    values = {
        column: _plain(whole.get(column) if known[name] is None else known[name])
        for name, column in names.items()
        if column and (column in whole or known[name] is not None)
    }
    others = {column: _plain(value) for column, value in whole.items() if column not in (*values, table.key)}
    return Row(known["uid"], known["created_at"], tuple({**values, **others}.items()), tuple(whole.items()))


def _plain(value: Any) -> Any:
    """For comparing, printing and JSON: a number, a text or None."""
    if isinstance(value, datetime):
        return isoformat(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, int | float | str) else str(value)
