"""Real databases, and a bucket that is a folder, for the tests of this package."""

from __future__ import annotations

import io
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from auditor.errors import ListingFailed, ObjectGone, ObjectUnreadable
from auditor.frames import OBJECTS
from auditor.rows import RowTable, SqliteRows
from auditor.store.base import ObjectFacts, StoredParts, UnfinishedUpload

TABLE = RowTable()
SCHEMA = """
CREATE TABLE s3_files (
    id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL, file_size INTEGER NOT NULL,
    content_type TEXT NOT NULL, created_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
"""
LOOSE = "CREATE TABLE s3_files (uid, key, file_size, content_type, created_at);"  # whatever is put in, stays as it is


def make_db(path: Path, rows: Sequence[Sequence[Any]] = (), schema: str = SCHEMA, journal: str = "delete") -> Path:
    """A database of (uid, key, file_size, content_type, created_at) rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(schema)
        if rows:
            with connection:
                insert(connection, rows)
    return path


def insert(connection: sqlite3.Connection, rows: Iterable[Sequence[Any]]) -> None:
    connection.executemany(
        "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES (?, ?, ?, ?, ?)", rows
    )


def plain(keys: Iterable[str | bytes | None], start: int = 0) -> list[tuple[Any, ...]]:
    return [(f"oseh_s3f_{n}", key, 100 + n, "image/webp", 1.7e9 + n + 0.25) for n, key in enumerate(keys, start=start)]


def read_all(rows: SqliteRows, after: str | None = None, until: str | None = None) -> list[dict[str, Any]]:
    return [row for page in rows.pages(after, until) for row in page.to_pylist()]


def keys_of(rows: SqliteRows, after: str | None = None, until: str | None = None) -> list[str]:
    return [row["key"] for row in read_all(rows, after, until)]


class FolderStore:
    """A `Store` over files; faults are planted by key."""

    def __init__(self, root: Path) -> None:
        self.root, self.url, self.bucket = root, f"file://{root}", root.name
        self.requests: Counter[str] = Counter()
        self.listed: list[str] = []  # prefixes asked for
        self.opened: list[tuple[str, int]] = []  # keys asked for, and from which byte on
        self.faults: dict[str, list[BaseException]] = {}  # key -> what its next reads raise, after half of the bytes
        self.short: set[str] = set()  # keys whose body ends early without a word
        self.listing_fails = False

    def put(self, key: str, body: bytes, at: datetime) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        self.listed.append(prefix)
        if self.listing_fails:
            raise ListingFailed("the listing broke")
        files = [path for path in self.root.rglob("*") if path.is_file()]
        keys = sorted((path.relative_to(self.root).as_posix() for path in files), key=str.encode)
        for key in keys:
            if key.startswith(prefix) and (after is None or key > after) and (until is None or key <= until):
                facts = self.head(key)
                assert facts is not None
                yield pa.Table.from_pylist([{**facts.__dict__}], OBJECTS)

    def head(self, key: str) -> ObjectFacts | None:
        path = self.root / key
        if not path.exists():
            return None
        stat = path.stat()
        return ObjectFacts(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), '"e"', None)

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, etag: str | None = None) -> Iterator[BinaryIO]:
        self.opened.append((key, start))
        path = self.root / key
        if not path.exists():
            raise ObjectGone(key)
        body = path.read_bytes()[start:]
        if key in self.short:
            body = body[:-1]
        faults = self.faults.get(key)
        yield _Failing(body[: len(body) // 2], faults.pop(0)) if faults else io.BytesIO(body)

    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        return iter(())

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        return None

    def close(self) -> None:
        return None


class _Failing(io.BytesIO):
    def __init__(self, body: bytes, fault: BaseException) -> None:
        super().__init__(body)
        self.fault = fault

    def read(self, size: int | None = -1, /) -> bytes:
        if chunk := super().read(size):
            return chunk
        raise self.fault


def broken_transport(key: str) -> ObjectUnreadable:
    return ObjectUnreadable(key, "the connection was lost", refused=False)
