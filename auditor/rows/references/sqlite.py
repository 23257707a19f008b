"""How SQLite is asked, in a file or through rqlite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.rows.columns import is_utf8
from auditor.rows.references.plan import Plan, Witness
from auditor.rows.references.sql import Wording, unreferenced
from auditor.rows.sql import RowsSql, quoted


@dataclass(frozen=True)
class SqliteWording(Wording):
    limit: int | None = None

    def table(self, name: str) -> str:
        return quoted(name)

    def column(self, name: str) -> str:
        return quoted(name)

    def text(self, expression: str) -> str:
        return f"CAST({expression} AS TEXT)"

    def without(self, columns: list[tuple[str, str]]) -> tuple[str, str]:
        lacks = "({0} IS NULL OR {0} NOT IN (SELECT p.v FROM {1} AS p))"
        return "", " AND ".join(lacks.format(*pair) for pair in columns)

    def limited(self) -> str:
        return "" if self.limit is None else f" ORDER BY {self.key} LIMIT {self.limit}"


def question(sql: RowsSql, plan: Plan, after: bytes | None, until: bytes | None, *, limit: int | None = None) -> str:
    """A SELECT of the `Witness`es of rows with a key in (after, until]; with a limit, of the first so many rows.

    Of a whole table the keys are not wanted in order, and the index of the keys would mean a look-up for each row.
    """
    whole = after is None and until is None and limit is None and sql.rowid is not None
    uid = f"r.{quoted(sql.table.uid)}" if sql.table.uid else "NULL"
    wording = SqliteWording(
        files=sql.relation + (" NOT INDEXED" if whole else ""),
        key=f"CAST(r.{quoted(sql.table.key)} AS BLOB)",
        uid=f"CAST({uid} AS TEXT)",
        wanted=sql.in_range(after, until),
        limit=limit,
    )
    return unreferenced(plan, wording)


def witnesses(rows: Iterable[Sequence[bytes | int | None]]) -> list[Witness]:
    """From rows of bytes; a key that is not UTF-8 can be no object's."""
    return [
        Witness(key.decode(), int(arm), _text(label), _text(since))
        for key, arm, label, since in rows
        if isinstance(key, bytes) and is_utf8(key) and isinstance(arm, int)
    ]


def _text(value: bytes | int | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else None
