"""Databases that cannot be read, and the sentence that each gets."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.rows import RowTable, SqliteRows
from tests.rows.making import LOOSE, SCHEMA, TABLE, keys_of, make_db, plain


def refused(path: Path, table: RowTable = TABLE, **options: float) -> str:
    with pytest.raises(CannotStart) as caught:
        SqliteRows(path, table, **options)  # type: ignore[arg-type]
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_missing_file(tmp_path: Path) -> None:
    assert "there is no database file" in refused(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_folder(tmp_path: Path) -> None:
    assert "is not a file" in refused(tmp_path)


def test_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "is not a file" in refused(tmp_path / "fifo")


def test_impossible_names(tmp_path: Path) -> None:
    assert refused(tmp_path / "a\x00b")
    assert refused(tmp_path / ("n" * 300))


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert "is an empty file" in refused(tmp_path / "empty.db")


@pytest.mark.parametrize("body", [b"key,size\n" * 200, b"\x00" * 8192, os.urandom(8192)])
def test_not_a_database(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "rows.db").write_bytes(body)
    assert "is not a SQLite database, or it is encrypted" in refused(tmp_path / "rows.db")


def test_damaged_schema(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain(["a"]))
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (4096 - 100) + whole[4096:])
    assert "is damaged" in refused(path)


def test_no_table(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", schema="CREATE TABLE other (x);")
    assert "has no table s3_files" in refused(path)


def test_no_column(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db")
    sentence = refused(path, RowTable(size="bytes", uid="nope"))
    assert "has no column nope, bytes" in sentence


@pytest.mark.parametrize("kind", ["STRING", "INTEGER", "NUMERIC", "REAL", "TIMESTAMP"])
def test_a_key_column_of_numbers(tmp_path: Path, kind: str) -> None:
    path = make_db(tmp_path / "rows.db", schema=SCHEMA.replace("key TEXT", f"key {kind}"))
    assert f"declared {kind}" in refused(path)


@pytest.mark.parametrize("kind", ["", "VARCHAR(1024)", "CLOB", "BLOB", "character varying", "NVARCHAR"])
def test_a_key_column_of_text(tmp_path: Path, kind: str) -> None:
    path = make_db(tmp_path / "rows.db", plain(["10", "9"]), SCHEMA.replace("key TEXT", f"key {kind}"))
    assert keys_of(SqliteRows(path, TABLE), after="1") == ["10", "9"]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_utf16(tmp_path: Path, encoding: str) -> None:
    path = make_db(tmp_path / "rows.db", schema=f'PRAGMA encoding = "{encoding}";' + SCHEMA)
    assert f"keeps its text as {encoding}" in refused(path)


def test_locked_database(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert "stayed locked" in refused(path, busy_seconds=0.1)


def test_unknown_collation(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_collation("house", lambda a, b: (a > b) - (a < b))
        connection.executescript(LOOSE.replace("key", "key TEXT COLLATE house"))
    assert "house" in refused(path)


OPEN = """
import os, sys
from auditor.errors import CannotStart
from auditor.rows import RowTable, SqliteRows
if os.getuid() == 0:  # root may write everywhere
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        rows = SqliteRows(path, RowTable())
        print([key for page in rows.pages(None, None) for key in page["key"].to_pylist()])
    except CannotStart as error:
        print("REFUSED", error)
"""
PLACES = ("wal", "plain", "unreadable")


@pytest.fixture(scope="module")
def public_folder() -> Iterator[Path]:
    """Databases in folders that another user may enter, unlike pytest's, and not write to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        for place in PLACES:
            (path / place).mkdir()
            make_db(path / place / "rows.db", plain(["a"]), journal="wal" if place == "wal" else "delete")
            (path / place).chmod(0o555)
        (path / "unreadable" / "rows.db").chmod(0)
        yield path
        for place in PLACES:
            (path / place).chmod(0o755)


@pytest.fixture(scope="module")
def as_nobody(public_folder: Path) -> dict[str, str]:
    """What each of the places says to nobody; one process for all, since it takes long to start."""
    paths = [public_folder / place / "rows.db" for place in PLACES]
    ran = subprocess.run([sys.executable, "-c", OPEN, *paths], capture_output=True, text=True, check=True)
    return dict(zip(PLACES, ran.stdout.splitlines(), strict=True))


def test_wal_database_in_a_folder_that_cannot_be_written(public_folder: Path, as_nobody: dict[str, str]) -> None:
    assert as_nobody["wal"].startswith("REFUSED")
    assert "WAL mode" in as_nobody["wal"]
    assert "-wal file to another folder" in as_nobody["wal"]
    assert [file.name for file in (public_folder / "wal").iterdir()] == ["rows.db"]


def test_plain_database_in_a_folder_that_cannot_be_written(as_nobody: dict[str, str]) -> None:
    assert as_nobody["plain"] == "['a']"


def test_file_that_may_not_be_read(as_nobody: dict[str, str]) -> None:
    assert "may not be read by this user" in as_nobody["unreadable"]
