"""Rows of stub nodes, for the tests of this package."""

from __future__ import annotations

from auditor.progress import Silent
from auditor.rows import RowTable, RqliteRows, parse_address
from auditor.rows.rqlite.cluster import Pace
from tests.rows.making import TABLE
from tests.servers.stub_rqlite import StubRqlite

QUICK = Pace(opening=0.3, patience=0.3, attempt=2, shortest_pause=0.01, longest_pause=0.05)


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


def url_of(*nodes: StubRqlite, login: str = "") -> str:
    return f"rqlite://{login}{'@' if login else ''}" + ",".join(node.place for node in nodes)


def rows_of(
    *nodes: StubRqlite,
    table: RowTable = TABLE,
    page_rows: int = 1000,
    pace: Pace = QUICK,
    login: str = "",
    progress: Silent | None = None,
) -> RqliteRows:
    address = parse_address(url_of(*nodes, login=login))
    return RqliteRows(address, table, progress or Silent(), page_rows=page_rows, pace=pace)
