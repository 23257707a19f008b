"""Another table of the same database: what it has, byte by byte, and why it cannot be had."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.rows import RowSource, RowTable, SqliteRows
from auditor.scan.elsewhere import keyed
from tests.rows.making import SCHEMA, TABLE, make_db
from tests.rows.rqlite.making import rows_of
from tests.servers.stub_rqlite import StubRqlite

OWNERS = """
CREATE TABLE owners (uid TEXT UNIQUE NOT NULL, ends REAL NULL);
CREATE TABLE odd (uid TEXT COLLATE NOCASE UNIQUE, number INTEGER);
CREATE TABLE bare (uid TEXT);
INSERT INTO owners VALUES ('a', NULL), ('B', 1000), ('b', 2000.5), ('b ', 3000), ('é', 4000);
INSERT INTO odd VALUES ('a', 1), ('B', 2);
INSERT INTO bare VALUES ('b'), ('a'), (NULL);
"""


@pytest.fixture(params=["live", "private copy", "rqlite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RowSource]:
    path = make_db(tmp_path / "rows.db", schema=SCHEMA + OWNERS)
    if request.param == "rqlite":
        with StubRqlite(path) as node:
            yield rows_of(node)
    else:
        with SqliteRows(path, TABLE, private_copy=request.param == "private copy") as rows:
            yield rows


def keys(pages: Iterator[pa.Table]) -> list[str]:
    return [key for page in pages for key in page["key"].to_pylist()]


def test_its_keys_are_compared_by_their_bytes(source: RowSource) -> None:
    owners = source.other(keyed("owners", "uid"))
    assert keys(owners.pages(None, None)) == ["B", "a", "b", "b ", "é"]
    assert keys(owners.pages("a", "b ")) == ["b", "b "]
    assert owners.lookup(["A", "b", "B", "b  ", "x'y"])["key"].to_pylist() == ["B", "b"]
    odd = source.other(keyed("odd", "uid"))
    assert keys(odd.pages(None, None)) == ["B", "a"]
    assert odd.lookup(["A", "a", "b"])["key"].to_pylist() == ["a"]


def test_its_times_are_read_as_those_of_rows(source: RowSource) -> None:
    found = source.other(keyed("owners", "uid", created_at="ends")).lookup(["a", "b"])
    assert found["created_at"].cast(pa.int64()).to_pylist() == [None, 2_000_500_000]


def test_a_query_can_stand_in_its_place(source: RowSource) -> None:
    query = 'SELECT o."uid" AS "key", n."number" - 1 AS "size" FROM owners AS o JOIN odd AS n ON n."uid" = o."uid"'
    found = source.other(RowTable("", "key", "", "size", "", "", query=query)).lookup(["a", "b", "B"])
    assert found.select(["key", "size"]).to_pylist() == [{"key": "B", "size": 1}, {"key": "a", "size": 0}] + (
        [{"key": "b", "size": 1}] if len(found) == 3 else []
    )


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (keyed("nowhere", "uid"), "no table nowhere"),
        (keyed("owners", "uuid"), "no column uuid"),
        (keyed("owners", "uid", created_at="over"), "no column over"),
        (keyed("odd", "number"), "turn text into numbers"),
        (RowTable("", "key", "", "", "", "", query="SELECT gone FROM owners"), "no such column"),
    ],
)
def test_what_the_database_lacks_is_said(source: RowSource, table: RowTable, why: str) -> None:
    with pytest.raises(CannotStart, match=why):
        source.other(table)


def test_each_question_sees_what_is_there_then(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", schema=SCHEMA + OWNERS)
    with SqliteRows(path, TABLE) as rows, closing(sqlite3.connect(path)) as connection:
        owners = rows.other(keyed("owners", "uid"))
        assert owners.lookup(["new"]).num_rows == 0
        with connection:
            connection.execute("INSERT INTO owners VALUES ('new', 1)")
        assert owners.lookup(["new"]).num_rows == 1
        with connection:
            connection.execute("DROP TABLE owners")
        with pytest.raises(RowsFailed, match="no such table"):
            owners.lookup(["new"])


def test_only_an_index_makes_pages_cheap(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", schema=SCHEMA + OWNERS)
    with SqliteRows(path, TABLE) as rows:
        assert {name: rows.other(keyed(name, "uid")).ordered for name in ("owners", "odd", "bare")} == {
            "owners": True,
            "odd": False,
            "bare": False,
        }
