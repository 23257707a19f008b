"""Unreferenced rows over HTTP: one text with a line for each witness, as pages of rows come."""

from __future__ import annotations

from auditor.errors import RowsFailed
from auditor.rows.references.plan import Plan, Witness
from auditor.rows.references.sqlite import question, witnesses
from auditor.rows.rqlite.answer import Result
from auditor.rows.rqlite.statements import NULL
from auditor.rows.sql import RowsSql

_LINE = " || ',' || ".join(
    ["hex(k)", "arm", *(f"CASE WHEN {name} IS NULL THEN '{NULL}' ELSE hex({name}) END" for name in ("label", "since"))]
)


def witnesses_sql(sql: RowsSql, plan: Plan, after: bytes | None, until: bytes | None, rows: int) -> str:
    """The witnesses of the first `rows` rows that nothing refers to."""
    asked = question(sql, plan, after, until, limit=rows)
    return f"SELECT count(*), group_concat({_LINE}, char(10)) FROM ({asked})"  # noqa: S608 -- a SELECT made here


def witnesses_of(result: Result, rows: int) -> tuple[list[Witness], bytes | None]:
    """What the answer says, and the key after which there may be more. Raises RowsFailed."""
    try:
        ((count, text),) = result.values
        lines = [line.split(",") for line in text.split("\n")] if count else []
        found = [(bytes.fromhex(key), int(arm), _bytes(label), _bytes(since)) for key, arm, label, since in lines]
    except (ValueError, TypeError, AttributeError) as error:
        raise RowsFailed("unreferenced rows came in a form that cannot be read") from error
    if len(found) != count:
        raise RowsFailed(f"{len(found)} rows came and {count} were counted")
    own = [key for key, arm, _, _ in found if arm == 0]
    return witnesses(found), max(own) if len(own) >= rows else None


def _bytes(digits: str) -> bytes | None:
    return None if digits == NULL else bytes.fromhex(digits)
