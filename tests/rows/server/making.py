"""Tables of rows in a real server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from auditor.progress import Silent
from auditor.rows import RowTable, ServerRows
from tests.servers.databases import DatabaseServer

DATABASE = "service"
NAMES = ("uid", "key", "file_size", "content_type", "created_at")
HOSTILE = [  # what a bucket may hold, and pairs that a careless comparison takes for one
    "",
    "a",
    "A",
    "a ",
    "a  ",
    "a\t",
    "a \t",
    "a\x01",
    "a\x01 ",
    "a/",
    "a//",
    "a/b",
    "a'b",
    'a"b',
    "a\\",
    "a\\'b",
    "a%",
    "a%s%(x)s",
    "a:key",
    "a_",
    "a;DROP TABLE s3_files;--",
    "line\nbreak,\r\n",
    "\\N",
    "NULL",
    "é",
    "e\u0301",
    "É",
    "ß",
    "ss",
    "ſ",
    "ﬀ",
    "\u200b",
    "\ufeff",
    "\ufeffa",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0001f469\u200d\U0001f466",
    "\U0010ffff",
    "x" * 500,
]


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


def make_table(server: DatabaseServer, rows: Iterable[Sequence[Any]] = (), *, index: bool = True, **types: str) -> None:
    """A new `s3_files` of (uid, key, file_size, content_type, created_at) rows; `types` of some of its columns."""
    kinds = {"uid": server.text, "key": server.text, "file_size": "BIGINT", "content_type": server.text} | types
    kinds = {"created_at": "DOUBLE PRECISION"} | kinds
    columns = ", ".join(f"{server.quoted(name)} {kinds[name]}" for name in NAMES)
    server.execute(DATABASE, "DROP TABLE IF EXISTS s3_files", f"CREATE TABLE s3_files ({columns})")
    if index:
        server.execute(DATABASE, server.index)
    insert(server, rows)


def insert(server: DatabaseServer, rows: Iterable[Sequence[Any]]) -> None:
    marks = ", ".join(f"%({name})s" for name in NAMES)
    columns = ", ".join(server.quoted(name) for name in NAMES)
    made = [dict(zip(NAMES, row, strict=True)) for row in rows]
    if made:
        server.execute(DATABASE, f"INSERT INTO s3_files ({columns}) VALUES ({marks})", rows=made)


def opened(server: DatabaseServer, table: RowTable | None = None, **more: Any) -> ServerRows:
    return ServerRows(server.url(DATABASE), table or RowTable(), **more)


def values(server: DatabaseServer, rows: ServerRows | None = None) -> list[dict[str, Any]]:
    with rows or opened(server) as source:
        return [row for page in source.pages(None, None) for row in page.to_pylist()]
