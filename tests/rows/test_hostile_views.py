"""A backup is a stranger's file: what looks like a table may be a computation without an end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.rows import RowTable, SqliteRows, opening

TABLE = RowTable(
    name="s3_files", key="key", uid="uid", size="file_size", content_type="content_type", created_at="created_at"
)
COUNTING = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
ENDLESS = (
    f"{COUNTING} SELECT 's3f' || x AS uid, 'k' || x AS key, 1 AS file_size, 'a' AS content_type, 0 AS created_at FROM n"
)
SLOW = (  # its rows are counted at once, and each takes for ever to read
    "SELECT column1 AS key, 1 AS file_size, 'a' AS content_type, 0 AS created_at, "
    f"({COUNTING} SELECT max(x) FROM n) AS uid FROM (VALUES ('a'), ('b'))"
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_STEPS", 1_000_000)
    monkeypatch.setattr(opening, "_STEPS_PER_BYTE", 0)
    monkeypatch.setattr(opening, "_EVERY", 100_000)


def of_a_view(path: Path, select: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE VIEW s3_files AS {select}")
    return path


def test_a_view_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="it takes more steps to read than a file of its size should need"):
        SqliteRows(of_a_view(tmp_path / "a.db", ENDLESS), TABLE, private_copy=True, source="it")


def test_a_column_without_an_end_ends_the_reading(tmp_path: Path) -> None:
    rows = SqliteRows(of_a_view(tmp_path / "a.db", SLOW), TABLE, private_copy=True)
    assert rows.count() == 2
    with pytest.raises(RowsFailed, match="interrupted"):
        list(rows.pages(None, None))
    with pytest.raises(RowsFailed, match="interrupted"):
        list(rows.other(TABLE).pages(None, None))
