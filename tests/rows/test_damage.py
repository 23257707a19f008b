"""Files that break while they are read: RowsFailed, and never a short result that passes for a whole one."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import RowsFailed
from auditor.rows import SqliteRows
from tests.rows.making import TABLE, make_db, plain
from tests.rows.test_pages import BOTH

KEYS = [f"s3_files/images/exports/{n * 7919 % 20_000:08}/{'x' * 60}" for n in range(20_000)]
PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_db(tmp_path_factory.mktemp("whole") / "rows.db", plain(KEYS)).read_bytes()


def all_or_error(rows: SqliteRows, spoil: Callable[[], None]) -> None:
    """Reads one page, spoils the file, reads on: every row or RowsFailed."""
    seen: list[str] = []
    failure = ""
    pages = rows.pages(None, None)
    try:
        seen += next(pages)["key"].to_pylist()
        spoil()
        for page in pages:
            seen += page["key"].to_pylist()
    except RowsFailed as error:
        failure = str(error)
    expected = sorted(KEYS)
    assert seen == expected[: len(seen)]
    assert rows.source in failure or seen == expected


@BOTH
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_cut_off_while_reading(tmp_path: Path, whole: bytes, share: float, private_copy: bool) -> None:
    path = tmp_path / "rows.db"
    path.write_bytes(whole)
    rows = SqliteRows(path, TABLE, private_copy=private_copy, page_rows=2000)
    all_or_error(rows, lambda: os.truncate(path, int(len(whole) * share)))
    if share < 0.1 and not private_copy:  # which was read to its end before it was cut
        with pytest.raises(RowsFailed):
            list(rows.pages(None, None))


@BOTH
@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"\x0d"])
def test_pages_overwritten_while_reading(tmp_path: Path, whole: bytes, filler: bytes, private_copy: bool) -> None:
    for seed in range(4):
        path = tmp_path / f"{seed}.db"
        path.write_bytes(whole)
        chosen = random.Random(seed).sample(range(1, len(whole) // PAGE), 40)

        def spoil(path: Path = path, chosen: list[int] = chosen) -> None:
            with path.open("r+b") as file:
                for page in chosen:
                    file.seek(page * PAGE)
                    file.write(filler * PAGE)

        all_or_error(SqliteRows(path, TABLE, private_copy=private_copy, page_rows=2000), spoil)


@BOTH
def test_rows_that_only_the_index_has(tmp_path: Path, private_copy: bool) -> None:
    """A table that lost rows while its index kept them, as a half restored file has it."""
    path = make_db(tmp_path / "rows.db", plain(["a", "b", "c"]))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("CREATE TABLE empty (id INTEGER PRIMARY KEY, uid, key, file_size, content_type, created_at)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'empty'").fetchone()
        connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 's3_files'", (root,))
    rows = SqliteRows(path, TABLE, private_copy=private_copy)
    with pytest.raises(RowsFailed, match="index"):
        list(rows.pages(None, None))
    with pytest.raises(RowsFailed):
        rows.lookup(["a"])
