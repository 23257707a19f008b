"""Questions of content rules: the same answers as from the same SQLite file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import RowsFailed
from auditor.rows import SqliteRows
from auditor.rows.rqlite.statements import with_values
from tests.rows.making import LOOSE, TABLE, make_db, plain
from tests.rows.rqlite.making import rows_of
from tests.rows.test_pages import HARD
from tests.servers.stub_rqlite import StubRqlite

SELECTS: list[tuple[str, dict[str, Any]]] = [
    ("SELECT key, file_size AS n FROM s3_files WHERE key = :key", {"key": "B", "other": 1}),
    ("SELECT * FROM s3_files ORDER BY key DESC, uid", {}),
    ("SELECT uid FROM s3_files WHERE key = 'none'", {}),
    ("SELECT CAST(x'61ff' AS TEXT) AS t, x'ff' AS b, x'' AS e, '' AS n, 'bb' AS bb, 'tt' AS tt", {}),
    ("SELECT 9223372036854775807 AS whole, 9007199254740993 AS odd, 0.1 AS part, NULL AS empty", {}),
    ("SELECT 5.0 AS r, -0.25 AS s, 9e999 AS i, -9e999 AS j, 1e300 AS l, 1.7e9 + 0.25 AS t, 9e15 AS o", {}),
    ("WITH x(a) AS (VALUES (2), (1)) SELECT a, ':key' AS k FROM x ORDER BY a -- :key\n", {"key": "z"}),
    ('SELECT 1 AS "a""b", 2 AS [c d], 3', {}),
    ("SELECT :key AS k, typeof(:key) AS t, :none AS n, :data AS d, :size AS s, :part AS p",
     {"key": "x'61'", "none": None, "data": b"\x00'", "size": -(2**63), "part": 0.1}),
    ("SELECT lacking FROM s3_files", {}),
    ("SELECT 1 FROM nowhere", {}),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "parameters"), SELECTS)
def test_the_same_as_sqlite(tmp_path: Path, sql: str, parameters: dict[str, Any]) -> None:
    path = make_db(tmp_path / "rows.db", plain(["B", "a", b"a", None]), LOOSE)
    expected = SqliteRows(path, TABLE).select(sql, parameters)
    with StubRqlite(path) as node, rows_of(node) as rows:
        assert repr(rows.select(sql, parameters)) == repr(expected)
        assert rows.select(sql, parameters) == expected  # when the names of the columns are known


def test_every_key_is_only_data(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain([*HARD, "x'61'", "X'6161'"]))
    with StubRqlite(path) as node, rows_of(node) as rows:
        for key in [*HARD, "x'61'", "X'6161'"]:
            assert rows.select("SELECT key FROM s3_files WHERE key = :key", {"key": key}) == [{"key": key}]


def test_what_cannot_be_run_is_a_failure(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db")
    with StubRqlite(path) as node, rows_of(node) as rows:
        with pytest.raises(RowsFailed, match=f"{node.place} could not run a statement: .*syntax error"):
            rows.select("SELECT FROM WHERE")
        with pytest.raises(RowsFailed, match="a parameter of type list cannot be asked for"):
            rows.select("SELECT :key", {"key": [1]})


def test_an_answer_that_lacks_a_row_is_a_failure(tmp_path: Path) -> None:
    with StubRqlite(make_db(tmp_path / "rows.db", plain(["a", "b"]))) as node, rows_of(node) as rows:
        node.fail_after(1, lambda answer: replace(answer, body=re.sub(rb', \["tb"\]', b"", answer.body)))
        with pytest.raises(RowsFailed, match="1 rows came and 2 were counted"):
            rows.select("SELECT key FROM s3_files ORDER BY key")


def test_values_stand_where_their_names_stood() -> None:
    sql = """SELECT ':a', ":a", `:a`, [:a] FROM t -- :a\nWHERE x=:a AND y=:b /* :a */ AND z = 'it''s :a'"""
    assert with_values(sql, {"a": None}) == sql.replace("x=:a", "x=NULL")
