"""The same question, asked of real servers."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from auditor.progress import Silent
from auditor.rows import RowTable, RqliteRows, ServerRows, SqliteRows, parse_address
from auditor.rows.base import RowSource
from auditor.rows.references import Plan
from auditor.rows.rqlite import source as rqlite_source
from auditor.rows.sql import quoted
from auditor.scan.references.drawing import draw
from auditor.spec.references import References, Superseded
from tests.scan.references.making import IMAGES, made
from tests.servers.databases import SERVERS, database_server
from tests.servers.rqlite import real_node, rqlited_binary

pytestmark = pytest.mark.server

SAID = References(
    uses=("pages",),
    owners=("images",),
    dependants={"exports": "image_id"},
    superseded={"editions": Superseded("born", "page_id")},
)
MADE = (
    *IMAGES,
    "CREATE TABLE editions (id INTEGER PRIMARY KEY, uid TEXT, page_id INTEGER REFERENCES pages(id), born REAL,"
    " file_id INTEGER REFERENCES s3_files(id))",
)
ROWS = (
    "INSERT INTO images (id, uid, original_id) VALUES (1, 'i1', 1), (2, 'i2', 2), (3, 'i3', NULL)",
    "INSERT INTO exports (id, uid, image_id, file_id) VALUES (1, 'e1', 1, 3), (2, 'e2', 2, 4), (3, NULL, NULL, 5)",
    'INSERT INTO pages (id, image_id, body) VALUES (1, 1, \'{"a": "é"}\'), (2, NULL, NULL)',
    "INSERT INTO editions (id, uid, page_id, born, file_id) VALUES (1, 'x', 1, 5.5, 6), (2, 'y', 1, 6.25, 7),"
    " (3, 'z', NULL, 1, 8), (4, 'w', 2, NULL, 9)",
)
FILES = 12


def planned(rows: RowSource) -> Plan:
    def has(table: str, columns: Sequence[str]) -> bool:
        wanted = ", ".join(f"t.{quoted(column)}" for column in columns) or "1"
        return rows.select(f"SELECT {wanted} FROM {quoted(table)} AS t LIMIT 0") is not None

    return draw(rows.foreign_keys(), SAID, "s3_files", has).plan


def said(rows: RowSource) -> tuple[list[tuple[str, ...]], list[str]]:
    """What is known of the unreferenced rows, by the words of the arms, and the texts of the pages."""
    plan = planned(rows)
    ways = [()] + [tuple(hop.table for hop in arm.hops) for arm in plan.arms]
    found = [one for batch in rows.unreferenced(plan, "f0", "g", surely=True) for one in batch]
    told = sorted((one.key, *ways[one.arm], str(one.label), str(one.since and float(one.since))) for one in found)
    return told, sorted(text for texts in rows.texts("pages") for text in texts)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[list[tuple[str, ...]], list[str]]]:
    path = made(tmp_path_factory.mktemp("rows") / "rows.db", *MADE, *ROWS, files=FILES)
    with SqliteRows(path, RowTable()) as rows:
        return path, said(rows)


def test_of_a_file(expected: tuple[Path, tuple[list[tuple[str, ...]], list[str]]]) -> None:
    told, texts = expected[1]
    assert {key for key, *_ in told} == {"f2", "f4", "f5", "f6", "f10", "f11", "f12"}
    assert ("f6", "editions", "x", "6.25") in told
    assert ("f4", "exports", "images", "i2", "None") in told
    assert texts == ['{"a": "é"}']


@pytest.mark.parametrize("kind", list(SERVERS))
def test_of_a_database_server(kind: str, expected: tuple[Path, tuple[list[tuple[str, ...]], list[str]]]) -> None:
    path, truth = expected
    with database_server(kind) as server:
        server.create("service")
        for statement in MADE:
            text = re.sub(r"\bkey TEXT", f"{server.quoted('key')} {server.text}", statement)
            server.execute("service", text.replace("created_at REAL", "created_at DOUBLE PRECISION"))
        with closing(sqlite3.connect(path)) as connection:
            for table in ("s3_files", "images", "exports", "pages", "editions"):
                rows = connection.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in rows.description]
                columns = ", ".join(map(server.quoted, names))
                marks = ", ".join(f"%({name})s" for name in names)
                values = [dict(zip(names, row, strict=True)) for row in rows]
                server.execute("service", f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows=values)
        with ServerRows(server.url("service"), RowTable()) as source:
            assert said(source) == truth


@pytest.fixture
def binary() -> str:
    found = rqlited_binary()
    if not found:
        pytest.skip("rqlited is not on PATH")
    return found


@pytest.mark.parametrize("page_rows", [1, 3, 1000])
def test_of_rqlite(
    binary: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page_rows: int,
    expected: tuple[Path, tuple[list[tuple[str, ...]], list[str]]],
) -> None:
    path, truth = expected
    monkeypatch.setattr(rqlite_source, "UNREFERENCED_ROWS", page_rows)
    monkeypatch.setattr(rqlite_source, "TEXT_ROWS", page_rows)
    with real_node(binary, tmp_path) as node:
        node.load(path)
        with RqliteRows(parse_address(f"rqlite://{node.place}"), RowTable(), Silent()) as source:
            assert said(source) == truth
