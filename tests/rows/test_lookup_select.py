"""Look-ups, counts and SELECTs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import RowsFailed
from auditor.frames import ROWS
from auditor.rows import SqliteRows
from auditor.rows.select import answer
from tests.rows.making import LOOSE, TABLE, make_db, plain
from tests.rows.test_pages import BOTH, HARD, NO_CASE


@BOTH
def test_lookup(tmp_path: Path, private_copy: bool) -> None:
    keys = [f"k{n:05}" for n in range(2500)]
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(keys)), TABLE, private_copy=private_copy)
    asked = [*reversed(keys[::2]), "missing", keys[0]]
    found = rows.lookup(asked)
    assert found.schema == ROWS
    assert found["key"].to_pylist() == keys[::2]
    assert rows.lookup([]).schema == rows.lookup(["missing"]).schema == ROWS


@pytest.mark.parametrize("schema", [LOOSE, NO_CASE])
def test_hard_keys_are_found_exactly(tmp_path: Path, schema: str) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(HARD), schema), TABLE)
    for key in HARD:
        assert rows.lookup([key])["key"].to_pylist() == [key]
    assert rows.lookup(["A", "É", "a\x00c", "CAST(x'61' AS TEXT)"]).num_rows == 0


def test_a_key_kept_as_a_blob_is_found(tmp_path: Path) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(["a", b"a", "é".encode(), b"\xff", None]), LOOSE), TABLE)
    assert rows.lookup(["a", "é"])["key"].to_pylist() == ["a", "a", "é"]


def test_count(tmp_path: Path) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(["a", "a/", "a/x", "a0", "b"])), TABLE)
    assert rows.count() == 5
    assert rows.count("a/", "a0") == 2
    assert rows.count(None, "a") == 0
    assert rows.count("b") == 1


def test_select(tmp_path: Path) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(["a", "b"])), TABLE)
    assert rows.select("SELECT key, file_size AS n FROM s3_files WHERE key = :key", {"key": "b", "other": 1}) == [
        {"key": "b", "n": 101}
    ]
    assert rows.select("  with x as (select 1 as one) select * from x") == [{"one": 1}]
    assert rows.select("SELECT * FROM s3_files WHERE key = 'none'") == []
    assert rows.select("SELECT CAST(x'61ff' AS TEXT) AS t, x'ff' AS b") == [{"t": "a\ufffd", "b": b"\xff"}]


@pytest.mark.parametrize("sql", ["SELECT * FROM absent", "SELECT absent FROM s3_files", "SELECT r.x FROM s3_files r"])
def test_select_from_what_is_not_there(tmp_path: Path, sql: str) -> None:
    assert SqliteRows(make_db(tmp_path / "rows.db"), TABLE).select(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM s3_files",
        "PRAGMA user_version",
        "ATTACH 'other.db' AS other",
        "EXPLAIN SELECT 1",
        "VALUES (1)",
        "-- note\nSELECT 1",
        "SELECT 1; SELECT 2",
        "WITH x AS (SELECT 'a') DELETE FROM s3_files",
        "WITH x AS (SELECT 'a') INSERT INTO s3_files (uid) SELECT * FROM x",
        "SELECT load_extension('x')",
        "SELECT",
        "",
        "SELECT :absent",
        "SELECT abs(-9223372036854775808)",
    ],
)
@BOTH
def test_anything_else_is_refused(tmp_path: Path, sql: str, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    with pytest.raises(RowsFailed):
        SqliteRows(path, TABLE, private_copy=private_copy).select(sql)
    assert [file.name for file in tmp_path.iterdir()] == ["rows.db"]


@pytest.mark.parametrize("sql", ["WITH x AS (SELECT 'a') DELETE FROM s3_files", "SELECT 1; DELETE FROM s3_files"])
def test_a_connection_that_could_write_would_not(tmp_path: Path, sql: str) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    with closing(sqlite3.connect(path)) as connection, pytest.raises((sqlite3.Error, sqlite3.Warning)):
        answer(connection, sql, {})
    assert SqliteRows(path, TABLE).count() == 1


def test_numbers_too_large_to_ask_with(tmp_path: Path) -> None:
    with pytest.raises(RowsFailed):
        SqliteRows(make_db(tmp_path / "rows.db"), TABLE).select("SELECT :n", {"n": 2**64})
