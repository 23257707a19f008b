"""Pages: order, bounds, page borders, the index, keys that are hard to read."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.frames import ROWS
from auditor.rows import RowTable, SqliteRows
from auditor.rows.sql import RowsSql
from tests.examples import examples
from tests.rows.making import LOOSE, SCHEMA, TABLE, insert, keys_of, make_db, plain, read_all

BOTH = pytest.mark.parametrize("private_copy", [False, True], ids=["live", "private"])
HARD = [
    "",
    "B",
    "_",
    "Z",
    "\x00",
    "a",
    "a\x00",
    "a\x00b",
    "a\n",
    "a'b",
    'a"b',
    "a/",
    "a//b",
    "é",
    "\uffff",
    "\U00010000",
    "\U0010fffd",
]
NO_CASE = SCHEMA.replace("key TEXT NOT NULL", "key TEXT COLLATE NOCASE NOT NULL")
NO_INDEX = SCHEMA.split("CREATE UNIQUE")[0]
NO_ROWID = "CREATE TABLE s3_files (uid, key TEXT PRIMARY KEY, file_size, content_type, created_at) WITHOUT ROWID;"
SHADOWED = "CREATE TABLE s3_files (rowid TEXT, uid, key TEXT, file_size, content_type, created_at);"
VIEW = LOOSE.replace("s3_files", "inner_files") + (
    "CREATE VIEW s3_files AS SELECT * FROM inner_files;"
    "CREATE TRIGGER put INSTEAD OF INSERT ON s3_files BEGIN "
    "INSERT INTO inner_files VALUES (new.uid, new.key, new.file_size, new.content_type, new.created_at); END;"
)


@BOTH
@pytest.mark.parametrize("schema", [SCHEMA, LOOSE, NO_CASE, NO_INDEX, NO_ROWID, SHADOWED, VIEW])
@pytest.mark.parametrize("page_rows", [1, 3, 1000])
def test_every_row_once_in_byte_order(tmp_path: Path, schema: str, page_rows: int, private_copy: bool) -> None:
    keys = HARD[1::2] + HARD[::2]
    path = make_db(tmp_path / "rows.db", plain(keys), schema)
    rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=page_rows)
    assert keys_of(rows) == sorted(HARD, key=str.encode)
    assert rows.count() == len(HARD)
    assert rows.unreadable_keys == 0


@BOTH
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=30),
    bounds=st.tuples(*[st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)] * 2),
    page_rows=st.integers(1, 8),
)
def test_any_keys_any_range(
    private_copy: bool, keys: list[str], bounds: tuple[str | None, str | None], page_rows: int
) -> None:
    after, until = bounds
    with tempfile.TemporaryDirectory() as folder:
        path = make_db(Path(folder) / "rows.db", plain(keys), LOOSE + "CREATE INDEX by_key ON s3_files(key);")
        rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=page_rows)
        expected = sorted(
            key.encode()
            for key in keys
            if (after is None or key.encode() > after.encode()) and (until is None or key.encode() <= until.encode())
        )
        pages = list(rows.pages(after, until))
        beyond = rows.count(first=until)
    assert [key.encode() for page in pages for key in page["key"].to_pylist()] == expected
    assert all(page.schema == ROWS for page in pages)
    assert beyond == sum(until is None or key.encode() >= until.encode() for key in keys)


@BOTH
def test_equal_keys_are_never_parted_nor_lost(tmp_path: Path, private_copy: bool) -> None:
    keys = ["a", *["b"] * 10, "c", *["d"] * 5]
    path = make_db(tmp_path / "rows.db", plain(keys), LOOSE + "CREATE INDEX by_key ON s3_files(key);")
    rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=3)
    pages = [page["key"].to_pylist() for page in rows.pages(None, None)]
    assert [key for page in pages for key in page] == keys
    assert len({key for page in pages for key in set(page)}) == sum(len(set(page)) for page in pages)
    assert len({row["uid"] for row in read_all(rows)}) == len(keys)


@pytest.mark.parametrize("unique", ["UNIQUE", ""])
def test_the_index_finds_pages_and_the_disk_orders_the_look_ups(tmp_path: Path, unique: str) -> None:
    path = make_db(
        tmp_path / "rows.db",
        [],
        SCHEMA.replace("UNIQUE INDEX", f"{unique} INDEX").replace("key TEXT NOT NULL", "key TEXT"),
    )
    sql = RowsSql(TABLE, "rowid")
    with closing(sqlite3.connect(path)) as connection:

        def plan(text: str, parameters: tuple[bytes, ...] = ()) -> str:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)
            return "\n".join(row[3] for row in rows)

        page = plan(sql.page(b"a", b"b", 10))
        assert "SEARCH r USING COVERING INDEX s3_files_key_idx (key>? AND key<?)" in page
        assert "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)" in page
        assert "SCAN r" not in page
        assert page.count("USE TEMP B-TREE FOR ORDER BY") == 1  # the row ids; keys come sorted from the index
        for other in (sql.group(b"a"), sql.count(b"a", b"b"), sql.count_not_text()):
            assert "SCAN r" not in plan(other)
        assert "SCAN r USING COVERING INDEX s3_files_key_idx" in plan(sql.count(None, None))  # all, and nothing else
        assert "SCAN r" not in plan(sql.lookup(2), (b"a", b"b"))


def test_each_page_is_read_when_it_is_asked_for(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a", "b", "d"]))
    pages = SqliteRows(path, TABLE, page_rows=2).pages(None, None)
    assert next(pages)["key"].to_pylist() == ["a", "b"]
    with closing(sqlite3.connect(path)) as connection, connection:
        insert(connection, plain(["c"], start=9))
    assert next(pages)["key"].to_pylist() == ["c", "d"]


@BOTH
def test_keys_that_are_not_text_are_counted(tmp_path: Path, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a", b"blob", None, "b"]), LOOSE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO s3_files (uid, key) VALUES ('n', 7)")
    rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=1)
    assert rows.unreadable_keys == 3
    assert keys_of(rows) == ["a", "b"]
    assert rows.count() == 2


@BOTH
def test_keys_that_are_not_utf8_are_counted_and_stop_nothing(tmp_path: Path, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a", "z"]), LOOSE)
    with closing(sqlite3.connect(path)) as connection, connection:
        for bad in (b"b\xff", b"b\xff\x00", b"c\xed\xa0\x80"):
            connection.execute("INSERT INTO s3_files (uid, key) VALUES ('x', CAST(? AS TEXT))", (bad,))
    rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=1)
    assert keys_of(rows) == ["a", "z"]
    assert rows.unreadable_keys == 3


def test_names_are_only_names(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('CREATE TABLE "odd ""name" (uid, "the key" TEXT, "select" INT, [c t], "at"";" REAL)')
        connection.execute('INSERT INTO "odd ""name" VALUES (?, ?, ?, ?, ?)', ("u", "k", 5, "t", 0))
    rows = SqliteRows(path, RowTable('odd "name', "THE KEY", "UID", "select", "c t", 'at";'))
    (row,) = read_all(rows)
    assert (row["uid"], row["key"], row["size"], row["content_type"]) == ("u", "k", 5, "t")
    assert rows.lookup(["k"]).num_rows == 1
