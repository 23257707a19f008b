"""What comes out of rqlite is what comes out of the same SQLite file, and it is asked for in one way alone."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import CannotStart, RowsFailed
from auditor.frames import ROWS
from auditor.rows import RowTable, RqliteRows, SqliteRows
from auditor.rows.base import ForeignKey
from auditor.rows.rqlite.statements import RqliteSql
from tests.examples import examples
from tests.rows.making import LOOSE, SCHEMA, TABLE, insert, keys_of, make_db, plain
from tests.rows.rqlite.making import Notes, rows_of
from tests.rows.test_pages import HARD, NO_CASE, NO_INDEX, NO_ROWID, SHADOWED, VIEW
from tests.rows.test_query import KEYS, MAPPED
from tests.rows.test_values import SIZES, TEXTS, TIMES
from tests.servers.stub_rqlite import StubRqlite

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def pages(rows: SqliteRows | RqliteRows, *bounds: str | None) -> pa.Table:
    return pa.concat_tables([ROWS.empty_table(), *rows.pages(*(bounds or (None, None)))])


@pytest.mark.parametrize("schema", [SCHEMA, LOOSE, NO_CASE, NO_INDEX, NO_ROWID, SHADOWED, VIEW])
@pytest.mark.parametrize("page_rows", [1, 3, 1000])
def test_every_row_once_in_byte_order(tmp_path: Path, schema: str, page_rows: int) -> None:
    path = make_db(tmp_path / "rows.db", plain(HARD[1::2] + HARD[::2]), schema)
    with StubRqlite(path) as node:
        rows = rows_of(node, page_rows=page_rows)
        assert pages(rows).equals(pages(SqliteRows(path, TABLE)))
        assert (rows.count(), rows.unreadable_keys, rows.as_of) == (len(HARD), 0, None)


@pytest.mark.parametrize("page_rows", [1, 2, 1000])
def test_a_query_of_ones_own(tmp_path: Path, page_rows: int) -> None:
    path = make_db(tmp_path / "rows.db", plain(KEYS))
    with StubRqlite(path) as node:
        rows = rows_of(node, table=MAPPED, page_rows=page_rows)
        same = SqliteRows(path, MAPPED)
        assert pages(rows).equals(pages(same))
        assert pages(rows, "a", "b").equals(pages(same, "a", "b"))
        assert rows.lookup(["ü", "s3/a", "a"]).equals(same.lookup(["ü", "s3/a", "a"]))
        assert (rows.count(), rows.split(2), rows.unreadable_keys) == (4, ["b"], 0)
        with pytest.raises(CannotStart, match=r"^the query of \[rows\] cannot be asked of rqlite://.*: no such column"):
            rows_of(node, table=RowTable(query="SELECT uid FROM s3_files"))


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(TEXT | TEXT.map(str.encode) | st.binary(max_size=4) | st.none() | st.integers(-9, 9), max_size=25),
    bounds=st.tuples(st.none() | TEXT, st.none() | TEXT),
    page_rows=st.integers(1, 8),
)
def test_any_keys_any_range(keys: list[Any], bounds: tuple[str | None, str | None], page_rows: int) -> None:
    """Each source reads a file with text that is no UTF-8 in it, too."""
    texts = [key for key in keys if isinstance(key, str)]
    with tempfile.TemporaryDirectory() as folder:
        path = make_db(Path(folder) / "rows.db", plain(keys), LOOSE + "CREATE INDEX by_key ON s3_files(key);")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO s3_files (key) VALUES (CAST(x'61ff62' AS TEXT))")
        live = SqliteRows(path, TABLE)
        with StubRqlite(path) as node:
            rows = rows_of(node, page_rows=page_rows)
            assert (
                pages(rows, *bounds)
                .sort_by([("key", "ascending"), ("uid", "ascending")])
                .equals(pages(live, *bounds).sort_by([("key", "ascending"), ("uid", "ascending")]))
            )
            assert rows.unreadable_keys == live.unreadable_keys
            assert rows.lookup([*texts, "a"])["key"].to_pylist() == live.lookup([*texts, "a"])["key"].to_pylist()
            assert rows.count(*bounds) == live.count(*bounds)
            cuts = rows.split(4, *bounds)
            assert cuts == sorted({*cuts} & {*texts} - {""}, key=str.encode)
            assert len(cuts) <= 3


@pytest.mark.parametrize(
    ("column", "cases"), [("created_at", TIMES), ("file_size", SIZES), ("uid", TEXTS), ("content_type", TEXTS)]
)
def test_values_are_exact(tmp_path: Path, column: str, cases: list[tuple[Any, Any]]) -> None:
    path = make_db(tmp_path / "rows.db", schema=LOOSE)
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, (value, _) in enumerate(cases):
            connection.execute(f"INSERT INTO s3_files (key, {column}) VALUES (?, ?)", (f"{number:03}", value))
    with StubRqlite(path) as node:
        rows = rows_of(node)
        name = {"file_size": "size"}.get(column, column)
        assert pages(rows)[name].to_pylist() == [expected for _, expected in cases]
        assert pages(rows).equals(pages(SqliteRows(path, TABLE)))


def test_equal_keys_are_never_parted_nor_lost(tmp_path: Path) -> None:
    keys = ["a", *["b"] * 10, "c", *["d"] * 5]
    path = make_db(tmp_path / "rows.db", plain(keys), LOOSE + "CREATE INDEX by_key ON s3_files(key);")
    with StubRqlite(path) as node:
        found = [page["key"].to_pylist() for page in rows_of(node, page_rows=3).pages(None, None)]
    assert [key for page in found for key in page] == keys
    assert len({key for page in found for key in set(page)}) == sum(len(set(page)) for page in found)


def test_each_page_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a", "b", "d"]))
    with StubRqlite(path) as node:
        found = rows_of(node, page_rows=2).pages(None, None)
        assert next(found)["key"].to_pylist() == ["a", "b"]
        with closing(sqlite3.connect(path)) as connection, connection:
            insert(connection, plain(["c"], start=9))
        assert next(found)["key"].to_pylist() == ["c", "d"]


def test_nothing_but_selects_is_ever_sent_and_to_one_place(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain([f"k{n}" for n in range(9)]))
    with StubRqlite(path) as node, rows_of(node, page_rows=2) as rows:
        read = [pages(rows), rows.lookup(["k1", "no"]), rows.count("k"), rows.split(3), rows.foreign_keys()]
        read.append(rows.select("  with x as (select 1 as one) select * from x"))
        for sql in ("DELETE FROM s3_files", "PRAGMA user_version = 7", "-- x\nSELECT 1", "", "EXPLAIN SELECT 1"):
            with pytest.raises(RowsFailed, match="only a SELECT may be asked"):
                rows.select(sql)
        requests = node.requests
    assert len(read) == 6
    assert {(request.method, request.path) for request in requests} == {("POST", "/db/query")}
    assert all(isinstance(sql, str) and sql.startswith("SELECT ") for one in requests for sql in one.statements)
    assert all("transaction" in request.query and "authorization" not in request.headers for request in requests)


def test_bulk_from_any_copy_and_what_accusations_rest_on_from_the_leader(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    with StubRqlite(path) as node, rows_of(node) as rows:
        for read, level in (
            (lambda: pages(rows), "none"),
            (rows.count, "none"),
            (lambda: rows.lookup(["a"]), "linearizable"),
            (lambda: rows.select("SELECT key FROM s3_files"), "linearizable"),
            (rows.foreign_keys, "linearizable"),
        ):
            node.requests.clear()
            read()
            assert {request.query["level"] for request in node.requests} == {level}
            if level == "none":
                assert {request.query["freshness"] for request in node.requests} == {"5s"}
                assert all("freshness_strict" in request.query for request in node.requests)


def test_a_page_that_is_too_large_is_asked_for_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"{n:04}" for n in range(300)]
    path = make_db(tmp_path / "rows.db", plain(keys))
    monkeypatch.setattr("auditor.rows.rqlite.node.LARGEST_ANSWER", 4000)
    with StubRqlite(path) as node:
        rows = rows_of(node, page_rows=200)
        assert keys_of(rows) == keys  # type: ignore[arg-type]
        monkeypatch.setattr("auditor.rows.rqlite.node.LARGEST_ANSWER", 40)
        with pytest.raises(RowsFailed, match="answered with more than"):
            keys_of(rows)  # type: ignore[arg-type]


def test_pages_are_found_by_the_index(tmp_path: Path) -> None:
    sql = RqliteSql(TABLE, None)
    with closing(sqlite3.connect(make_db(tmp_path / "rows.db"))) as connection:

        def plan(text: str) -> list[str]:
            return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]

        for until in (None, b"b"):
            page = plan(sql.whole_page(b"a", until, 10))
            assert "SEARCH r USING INDEX s3_files_key_idx (key>? AND key<?)" in page
            assert "SEARCH r USING COVERING INDEX s3_files_key_idx (key>? AND key<?)" in page  # the border
        looked = plan(sql.rows_of([b"a", b"b"]))
        assert "SEARCH r USING INDEX s3_files_key_idx (key=?)" in looked
        for steps in (page, looked, plan(sql.cut(b"a", b"b", 5)), plan(sql.border(b"a", None, 5))):
            assert not [step for step in steps if step.startswith("SCAN r")]


def test_a_page_ends_where_its_border_is(tmp_path: Path) -> None:
    """SQLite ends a search at one upper bound alone: with two, every page would read on to the end of the table."""
    path = make_db(tmp_path / "rows.db", plain([f"{n:06}" for n in range(20_000)]))
    with closing(sqlite3.connect(path)) as connection:
        steps = [0]
        connection.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1) or 0, 1000)
        connection.execute(RqliteSql(TABLE, None).whole_page(b"000100", None, 10)).fetchall()
    assert steps[0] < 20


def test_foreign_keys(tmp_path: Path) -> None:
    path = make_db(
        tmp_path / "rows.db",
        schema=SCHEMA
        + 'CREATE TABLE a (x INTEGER REFERENCES s3_files(id), "y z" TEXT REFERENCES s3_files);'
        + "CREATE TABLE b (p, q, FOREIGN KEY (p, q) REFERENCES c); CREATE TABLE c (m, n, PRIMARY KEY (n, m));",
    )
    with StubRqlite(path) as node, rows_of(node) as rows:
        assert sorted(rows.foreign_keys(), key=str) == [
            ForeignKey("a", "x", "s3_files", "id"),
            ForeignKey("a", "y z", "s3_files", "id"),
            ForeignKey("b", "p", "c", "n"),
            ForeignKey("b", "q", "c", "m"),
        ]


def test_a_node_that_was_behind_is_noted(tmp_path: Path) -> None:
    path, old = make_db(tmp_path / "rows.db", plain(["a", "b"])), make_db(tmp_path / "old.db", plain(["a"]))
    notes = Notes()
    with StubRqlite(old, leader=path) as node:
        node.stale = True
        with rows_of(node, progress=notes) as rows:
            assert pages(rows)["key"].to_pylist() == ["a", "b"]
            assert [request.query["level"] for request in node.requests[-2:]] == ["none", "weak"]
            assert notes.notes == []
    assert len(notes.notes) == 1
    assert "went to the leader" in notes.notes[0]
