# ruff: noqa: S608 -- the SQL is a rule's own, and values are literals
"""SELECTs of content rules, and what the schema says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.errors import RowsFailed
from auditor.rows.base import ForeignKey
from auditor.rows.rqlite.answer import Result
from auditor.rows.rqlite.lines import number_of
from auditor.rows.rqlite.statements import columns_of, typed, with_values
from auditor.rows.rqlite.trouble import Rejected
from auditor.rows.select import LACKING, SELECT

FOREIGN_KEYS = """
SELECT m.name, f."from", f."table",
    coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p WHERE p.pk = f.seq + 1), '')
FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
""".strip()


class Questions:
    """Asks `ask` for what rules want to know. Names of columns are asked for once for each text."""

    def __init__(self, ask: Callable[[Sequence[str]], list[Result]]) -> None:
        self._ask = ask
        self._columns: dict[str, Sequence[str]] = {}

    def select(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """None when a table or column is not there. Raises RowsFailed and Trouble."""
        if not SELECT.match(sql):
            raise RowsFailed(f"only a SELECT may be asked, not {sql.split(maxsplit=1)[:1]}")
        asked = with_values(sql, parameters)
        try:
            if sql not in self._columns:
                self._columns[sql] = self._ask([columns_of(asked)])[0].columns
            columns = self._columns[sql]
            rows = self._counted(typed(asked, columns))
        except Rejected as error:
            if LACKING.match(error.said):
                return None
            raise
        return [dict(zip(columns, map(_value, row), strict=True)) for row in rows]

    def foreign_keys(self) -> list[ForeignKey]:
        return [ForeignKey(*row) for row in self._counted(FOREIGN_KEYS)]

    def _counted(self, sql: str) -> Sequence[Sequence[Any]]:
        """The rows, and as many as there are: an answer that lacks one would be held against an object."""
        answer, count = self._ask([sql, f"SELECT count(*) FROM ({sql}\n)"])
        if len(answer.values) != number_of(count):
            raise RowsFailed(f"{len(answer.values)} rows came and {number_of(count)} were counted")
        return answer.values


def _value(marked: Any) -> Any:
    """
    >>> _value("ta'b"), _value("b0001"), _value("r5"), _value("r-Inf"), _value(7)
    ("a'b", b'\\x00\\x01', 5.0, -inf, 7)
    """
    return _READ[marked[0]](marked[1:]) if isinstance(marked, str) else marked


_READ: dict[str, Callable[[str], Any]] = {"t": str, "b": bytes.fromhex, "r": float}
