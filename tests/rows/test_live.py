"""A live database: what others commit is seen, what they have not committed is not, and nothing is ever written."""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from auditor.errors import RowsFailed
from auditor.rows import SqliteRows
from auditor.rows.opening import connect
from tests.rows.making import SCHEMA, TABLE, insert, keys_of, make_db, plain

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
print("ready", flush=True)
for line in sys.stdin:
    connection.execute(line)
    print("done", flush=True)
"""
INSERT = "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES ('{0}', '{0}', 1, 't', 0)"


class Writer:
    """Another process with the database open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._answer()

    def does(self, sql: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        self._answer()

    def _answer(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline()


@contextmanager
def writer(path: Path) -> Iterator[Writer]:
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Writer(process)
        finally:
            process.kill()


def test_wal_database_in_use(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]), journal="wal")
    with writer(path) as other:
        other.does(INSERT.format("b"))
        main_file = path.read_bytes()
        assert b"bb" not in main_file  # committed, and in the -wal alone
        rows = SqliteRows(path, TABLE)
        assert keys_of(rows) == ["a", "b"]
        other.does("BEGIN")
        other.does(INSERT.format("c"))
        assert keys_of(rows) == ["a", "b"]
        assert rows.lookup(["c"]).num_rows == 0
        other.does("COMMIT")
        assert keys_of(rows) == ["a", "b", "c"]
        assert rows.lookup(["c"]).num_rows == 1
        other.does("DELETE FROM s3_files WHERE key = 'a'")
        assert rows.count() == 2
        assert path.read_bytes() == main_file


def test_writer_in_this_process(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]), journal="wal")
    rows = SqliteRows(path, TABLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for n in range(20):
            insert(connection, plain([f"b{n}"], start=n + 1))
            assert rows.lookup([f"b{n}"]).num_rows == 1
    assert rows.count() == 21


def test_rollback_journal_in_use(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    rows = SqliteRows(path, TABLE, busy_seconds=0.1)
    with writer(path) as other:
        other.does("BEGIN IMMEDIATE")
        other.does(INSERT.format("b"))
        assert keys_of(rows) == ["a"]
        other.does("COMMIT")
        assert keys_of(rows) == ["a", "b"]
        other.does("BEGIN EXCLUSIVE")
        ask = "SELECT uid FROM s3_files"
        for read in (lambda: keys_of(rows), lambda: rows.lookup(["a"]), rows.count, lambda: rows.select(ask)):
            with pytest.raises(RowsFailed, match="locked"):
                read()


def test_a_busy_database_is_waited_for(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    rows = SqliteRows(path, TABLE)
    with writer(path) as other, ThreadPoolExecutor(1) as pool:
        other.does("BEGIN EXCLUSIVE")
        reading = pool.submit(rows.count)
        with pytest.raises(TimeoutError):
            reading.result(timeout=0.2)
        other.does("COMMIT")
        assert reading.result(timeout=10) == 1


def test_the_database_goes_away(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain([f"{n:02}" for n in range(10)]))
    rows = SqliteRows(path, TABLE, page_rows=3)
    pages = rows.pages(None, None)
    next(pages)
    path.unlink()
    with pytest.raises(RowsFailed):
        next(pages)
    with pytest.raises(RowsFailed):
        rows.lookup(["00"])
    assert not path.exists()


def test_threads(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain([f"{n:04}" for n in range(2000)]))
    rows = SqliteRows(path, TABLE, page_rows=100)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda n: keys_of(rows, f"{n:04}", f"{n + 99:04}"), range(-1, 1999, 100)))
    assert sum(len(part) for part in parts) >= 1999 - len(parts)
    with ThreadPoolExecutor(2) as pool:
        pages = rows.pages(None, None)
        assert sum(pool.submit(next, pages).result().num_rows for _ in range(20)) == 2000


@pytest.mark.parametrize("private_copy", [False, True])
def test_pickled(tmp_path: Path, private_copy: bool) -> None:
    rows = SqliteRows(make_db(tmp_path / "rows.db", plain(["a"])), TABLE, private_copy=private_copy)
    assert keys_of(pickle.loads(pickle.dumps(rows))) == ["a"]  # noqa: S301


@pytest.mark.parametrize("private_copy", [False, True])
def test_nothing_can_be_written(tmp_path: Path, private_copy: bool) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    before = hashlib.sha256(path.read_bytes()).digest()
    for guard in (0, 1):
        with closing(connect(path, immutable=private_copy)) as connection:
            if guard == 0:
                connection.execute("PRAGMA query_only = 0")  # then mode=ro must hold alone
            for sql in ("DELETE FROM s3_files", "CREATE TABLE x (y)", "PRAGMA user_version = 7", "VACUUM"):
                with pytest.raises(sqlite3.OperationalError):
                    connection.execute(sql)
    with closing(connect(path, immutable=private_copy)) as connection:
        assert connection.execute("PRAGMA query_only").fetchone() == (1,)  # and the second guard is up
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_a_private_copy_leaves_no_files_beside_it(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]), journal="wal")
    assert path.read_bytes()[18:20] == b"\x02\x02"
    rows = SqliteRows(path, TABLE, private_copy=True)
    assert keys_of(rows) == ["a"]
    assert rows.lookup(["a"]).num_rows == rows.count() == 1
    assert [file.name for file in tmp_path.iterdir()] == ["rows.db"]


@pytest.mark.parametrize(
    "name", ["a b.db", "q?mode=rwc.db", "h#ash.db", "100%.db", "%41.db", "é'\".db", "a&b=c.db", "n\nl"]
)
@pytest.mark.parametrize("private_copy", [False, True])
def test_odd_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, private_copy: bool) -> None:
    make_db(tmp_path / name, plain(["a"]), SCHEMA)
    monkeypatch.chdir(tmp_path)
    for path in (name, tmp_path / name):
        assert keys_of(SqliteRows(path, TABLE, private_copy=private_copy)) == ["a"]
    assert len(list(tmp_path.iterdir())) == 1
