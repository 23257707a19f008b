"""The world's rows as a SQLite file: as they are, or as they were at some moment."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.world.ledger import Ledger, Row
from tests.world.schema import SQL, TABLES


def rows_at(ledger: Ledger, at: float | None) -> list[Row]:
    """The rows that were there at `at` (unix seconds); those that are there now, for None."""
    moment = ledger.now if at is None else at
    return [row for row in ledger.rows if row.there(moment)]


def write(path: Path, rows: Iterable[Row], journal_mode: str = "delete", page_size: int = 4096) -> None:
    """A new SQLite file, closed and whole; `journal_mode` "wal" leaves 2/2 in bytes 18 and 19 of its header."""
    with closing(connect(path, journal_mode, page_size)) as connection:
        connection.executescript(SQL)
        insert(connection, rows)


@contextmanager
def in_use(path: Path, rows: list[Row]) -> Iterator[Path]:
    """A WAL database with its writer still there: half of the rows are in the WAL alone."""
    with closing(connect(path, "wal", 4096)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript(SQL)
        tables = TABLES
        middle = tables.index("s3_files") + 1
        files = [row for row in rows if row.table in tables[:middle]]
        insert(connection, files[::2])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        insert(connection, files[1::2])
        insert(connection, [row for row in rows if row.table in tables[middle:]])
        yield path


def serialized(rows: Iterable[Row], journal_mode: str) -> bytes:
    """The bytes of such a file, as rqlite's backup would send them."""
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        path = Path(folder) / "backup.sqlite"
        write(path, rows, journal_mode, page_size=1024)
        return path.read_bytes()


def connect(path: Path, journal_mode: str, page_size: int = 4096) -> sqlite3.Connection:
    """A connection in autocommit mode to a file that may be new, with foreign keys on and durability off."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA page_size = {int(page_size)}")
    (mode,) = connection.execute(f"PRAGMA journal_mode = {journal_mode}").fetchone()
    if mode != journal_mode:
        raise ValueError(f"SQLite has no journal mode {journal_mode!r}")
    return connection


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """In one transaction, the tables in an order in which no reference points ahead."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[row.table].append(row)
    connection.execute("BEGIN")
    for table in TABLES:
        if made := by_table.pop(table, []):
            columns = list(made[0].values)
            marks = ", ".join(f":{column}" for column in columns)
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(statement, (row.values for row in made))
    if by_table:
        raise ValueError(f"no such tables: {sorted(by_table)}")
    connection.execute("COMMIT")
