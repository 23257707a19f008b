# ruff: noqa: S608 -- the SQL is a rule's own, and values are literals
"""SELECTs of content rules, and what the schema says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from auditor.errors import RowsFailed
from auditor.rows.base import ForeignKey
from auditor.rows.rqlite.answer import Result
from auditor.rows.rqlite.lines import number_of
from auditor.rows.rqlite.statements import columns_of, typed, with_values
from auditor.rows.rqlite.trouble import Rejected
from auditor.rows.schema import FOREIGN_KEYS
from auditor.rows.select import LACKING, SELECT
from auditor.rows.sql import quoted

_ROW_ID = "row id of the page"
_BEFORE_ALL = -(2**63) + 1  # SQLite reads the least integer of all as a real number


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

    def by_row_id(self, table: str, column: str | None, rows: int) -> Iterator[list[list[Any]]]:
        """Values of a column, or of all, `rows` rows at a time. Raises RowsFailed where the table has no row ids."""
        wanted = f"t.{quoted(column)}" if column else "t.*"
        sql = f"SELECT t.rowid AS {quoted(_ROW_ID)}, {wanted} FROM {quoted(table)} AS t WHERE t.rowid > :after"
        after = _BEFORE_ALL
        while True:
            page = self.select(f"{sql} ORDER BY t.rowid LIMIT {rows}", {"after": after})
            if page is None:
                raise RowsFailed(f"table {table} lacks {column or 'row ids'}")
            yield [[value for name, value in row.items() if name != _ROW_ID] for row in page]
            if len(page) < rows:
                return
            after = page[-1][_ROW_ID]

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
