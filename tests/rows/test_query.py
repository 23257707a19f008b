"""A query of one's own in place of the table, and tables without some of the columns, in SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.rows import RowTable, SqliteRows
from tests.rows.making import LOOSE, SCHEMA, keys_of, make_db, plain, read_all
from tests.rows.test_pages import BOTH

KEYS = ["s3/a", "s3/b", "other/c", "s3/ü", "s3/%"]
MAPPED = RowTable(
    key="path",
    uid="",
    size="bytes",
    content_type="",
    created_at="",
    query="""SELECT substr(key, 4) AS path, file_size AS bytes FROM s3_files
    WHERE key LIKE 's3/%' -- the rest is of another bucket""",
)


@BOTH
@pytest.mark.parametrize("page_rows", [1, 2, 100])
def test_the_query_gives_the_rows(tmp_path: Path, page_rows: int, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(KEYS))
    rows = SqliteRows(path, MAPPED, private_copy=private_copy, page_rows=page_rows)
    assert [(row["key"], row["size"]) for row in read_all(rows)] == [("%", 104), ("a", 100), ("b", 101), ("ü", 103)]
    assert keys_of(rows, "a", "b") == ["b"]
    assert rows.lookup(["ü", "s3/a", "a"])["size"].to_pylist() == [100, 103]
    assert (rows.count(), rows.count("a", "b"), rows.split(2), rows.unreadable_keys) == (4, 1, ["b"], 0)
    assert {(row["uid"], row["content_type"], row["created_at"]) for row in read_all(rows)} == {(None, None, None)}


@BOTH
def test_a_join_and_a_with(tmp_path: Path, private_copy: bool) -> None:
    schema = LOOSE + "CREATE TABLE buckets (uid, bucket); INSERT INTO buckets VALUES ('oseh_s3f_1', 'mine');"
    path = make_db(tmp_path / "rows.db", plain(KEYS), schema)
    query = "WITH mine AS (SELECT uid FROM buckets) SELECT s3_files.* FROM s3_files JOIN mine USING (uid)"
    assert keys_of(SqliteRows(path, RowTable(query=query), private_copy=private_copy)) == ["s3/b"]


def test_a_query_uses_the_index_of_its_table(tmp_path: Path) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db"), RowTable(query="SELECT * FROM s3_files WHERE file_size > 5"))
    with rows._connection() as connection:
        for sql in (rows._sql.page(b"a", b"b", 10), rows._sql.group(b"a"), rows._sql.count(b"a", b"b")):
            plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
            assert "SEARCH s3_files USING INDEX s3_files_key_idx" in plan
            assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT uid FROM s3_files", "no such column: r.key"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT * FROM", "syntax error"),
        ("SELECT * FROM s3_files) AS r WHERE (1", "syntax error"),
    ],
)
def test_a_query_that_cannot_be_asked(tmp_path: Path, query: str, says: str) -> None:
    path = make_db(tmp_path / "rows.db")
    with pytest.raises(CannotStart) as caught:
        SqliteRows(path, RowTable(query=query))
    assert str(caught.value).startswith(f"the query of [rows] cannot be asked of {path}: ")
    assert says in str(caught.value)


def test_a_column_that_is_missing_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", schema=SCHEMA.replace("content_type TEXT NOT NULL,", ""))
    with pytest.raises(CannotStart) as caught:
        SqliteRows(path, RowTable())
    assert str(caught.value) == (
        f"table s3_files of {path} has no column content_type: correct the bindings, or write "
        '`uid = ""` (so for size, content_type, created_at) where there is none'
    )


@BOTH
@pytest.mark.parametrize("lacking", ["uid", "size", "content_type", "created_at"])
def test_a_table_without_a_column(tmp_path: Path, lacking: str, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    (whole,) = read_all(SqliteRows(path, RowTable(), private_copy=private_copy))
    rows = SqliteRows(path, RowTable(**{lacking: ""}), private_copy=private_copy)
    assert read_all(rows) == rows.lookup(["a"]).to_pylist() == [whole | {lacking: None}]
