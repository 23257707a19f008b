"""What a backup says of one key."""

from __future__ import annotations

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
    whole = [values for values in _whole(rows, table, key) if values.get(table.key) == key]
    uids = {str(values.get(table.uid)): values for values in whole}
    return Rows(
        tuple(_row(one, uids.get(str(one["uid"]), whole[0] if len(whole) == 1 else {}), table) for one in found)
    )


def _whole(rows: RowSource, table: RowTable, key: str) -> list[dict[str, Any]]:
    relation = quoted(table.name) if table.query is None else f"({table.query}\n)"
    sql = f"SELECT r.* FROM {relation} AS r WHERE r.{quoted(table.key)} = :key"  # noqa: S608 -- quoted, or the bindings'
    return rows.select(sql, {"key": key}) or []


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
    return value if value is None or isinstance(value, int | float | str) else str(value)
