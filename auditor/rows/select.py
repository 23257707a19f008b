"""SELECTs of content rules: plain ones, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from auditor.errors import RowsFailed

SELECT = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
LACKING = re.compile(r"no such (table|column)\b")
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))


def answer(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The rows as dictionaries; None when a table or column is not there. Raises RowsFailed and sqlite3.Error.

    Text that is not UTF-8 is shown with U+FFFD in it.
    """
    if not SELECT.match(sql):
        raise RowsFailed(f"only a SELECT may be asked, not {sql.split(maxsplit=1)[:1]}")
    connection.set_authorizer(_authorize)
    connection.text_factory = lambda value: value.decode(errors="replace")
    try:
        cursor = connection.execute(sql, dict(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    except sqlite3.OperationalError as error:
        if LACKING.match(str(error)):
            return None
        raise


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
