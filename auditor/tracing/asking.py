"""Rows of other tables, by the value of one column, and never more of them than were asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.rows import RowSource
from auditor.rows.sql import quoted

Values = Mapping[str, Any]
Columns = Callable[[], Sequence[str]]  # asked only where there are rows


def with_value(
    rows: RowSource, table: str, column: str, value: Any, columns: Columns, most: int
) -> tuple[list[dict[str, Any]], int]:
    """Rows whose column equals the value, and how many there are in all; none where there is no such table or column.

    Raises RowsFailed.
    """
    return _found(rows, table, f"t.{quoted(column)} = :v0", {"v0": value}, columns, most)


def with_text(
    rows: RowSource, table: str, column: str, value: str, columns: Columns, most: int
) -> tuple[list[dict[str, Any]], int]:
    """Rows whose column holds the value anywhere in its text, also as JSON writes it. SQLite's alone; RowsFailed."""
    plain = [json.dumps(value, ensure_ascii=ascii_alone)[1:-1] for ascii_alone in (True, False)]
    forms = [*dict.fromkeys([value, *plain, *(form.replace("/", "\\/") for form in plain)])]
    condition = " OR ".join(f"instr(t.{quoted(column)}, :v{number}) > 0" for number in range(len(forms)))
    named = {f"v{number}": form for number, form in enumerate(forms)}
    return _found(rows, table, f"({condition})", named, columns, most)


def _found(
    rows: RowSource, table: str, condition: str, values: Values, columns: Columns, most: int
) -> tuple[list[dict[str, Any]], int]:
    source = f"FROM {quoted(table)} AS t WHERE {condition}"
    counted = rows.select(f"SELECT count(*) AS n {source}", values)
    count = int(counted[0]["n"]) if counted else 0
    if not count:
        return [], 0
    wanted = ", ".join(f"t.{quoted(column)}" for column in columns()) or "1 AS one"
    return rows.select(f"SELECT {wanted} {source} LIMIT {int(most)}", values) or [], count
