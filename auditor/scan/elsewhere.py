"""The other tables that bindings name: opened when they are first wanted, and said once if the database lacks them."""

from __future__ import annotations

from threading import Lock

from auditor.errors import CannotStart
from auditor.rows.base import OtherTable, RowSource, RowTable


def keyed(table: str, column: str, *, size: str = "", created_at: str = "") -> RowTable:
    """A table found by one of its columns; of the others, those that are named."""
    return RowTable(table, column, uid="", size=size, content_type="", created_at=created_at)


class Elsewhere:
    """For any thread. What is lacking is not asked for again, and what would rest on it is not known."""

    def __init__(self, rows: RowSource) -> None:
        self._rows = rows
        self._lock = Lock()
        self._opened: dict[RowTable, OtherTable | None] = {}
        self.not_audited: list[dict[str, str]] = []

    def cannot(self, what: str, because: str) -> None:
        """Said once."""
        entry = {"what": what, "because": because}
        if entry not in self.not_audited:
            self.not_audited.append(entry)

    def table(self, wanted: RowTable, what: str) -> OtherTable | None:
        """None where the database lacks it; `what` cannot be audited then. Raises RowsFailed."""
        with self._lock:
            if wanted not in self._opened:
                try:
                    self._opened[wanted] = self._rows.other(wanted)
                except CannotStart as error:
                    self._opened[wanted] = None
                    because = str(error) if wanted.query is None else "the database lacks a table or column for it"
                    self.cannot(what, because)
            return self._opened[wanted]
