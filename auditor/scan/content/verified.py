"""What was looked at when: a small SQLite file that is kept from run to run.

A row says of one object, as it was (ETag and size), when at least its headers and when all of it were last looked at,
and at which depth it was faulty. An object that changed counts as never looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, plain
from auditor.scan.merge import prefix_range

LOOKS = pa.schema([("headers_at", INSTANT), ("full_at", INSTANT), ("faulty", pa.string())])
STATE = pa.schema([("key", pa.string()), ("etag", pa.string()), ("size", pa.int64()), *LOOKS])

_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_TABLE = """
CREATE TABLE IF NOT EXISTS looked (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    etag TEXT NOT NULL,
    size INTEGER NOT NULL,
    headers_at INTEGER,
    full_at INTEGER,
    faulty TEXT,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID
"""
_RANGE = (
    "SELECT key, etag, size, headers_at, full_at, faulty FROM looked"
    " WHERE bucket = ? AND key > ? AND (? IS NULL OR key <= ?) ORDER BY key"
)
_KEEP = "INSERT OR REPLACE INTO looked VALUES (?, ?, ?, ?, ?, ?, ?)"


class Verified:
    """The looks at one bucket's objects.

    The file is made by the first `keep`. One that cannot be used costs nothing but the knowledge in it: nothing is
    known then, and `trouble` says why.
    """

    def __init__(self, path: Path, bucket: str) -> None:
        self._bucket = bucket
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self.trouble: str | None = None
        if path.exists():
            self._open()

    def range(self, prefix: str, after: str | None, until: str | None) -> pa.Table:
        """What is known of keys that begin with `prefix` and lie in (after, until], as STATE in key order."""
        low, high = prefix_range(prefix)
        rows = self._rows(after or low or "", until or high)
        columns = list(zip(*rows, strict=True)) or [()] * len(STATE)
        arrays = [_array(column, field.type) for column, field in zip(columns, STATE, strict=True)]
        table = pa.table(arrays, schema=STATE)
        return table.filter(pc.starts_with(table["key"], prefix)) if prefix else table

    def keep(self, looks: Iterable[pa.Table], gone: Iterable[pa.Table]) -> None:
        """Writes tables of STATE and forgets the keys of others, all in one transaction."""
        if self._connection is None and self.trouble is None:
            self._open()
        if self._connection is None:
            return
        try:
            with self._lock, self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for table in gone:
                    keys = ((self._bucket, key) for key in table["key"].to_pylist())
                    self._connection.executemany("DELETE FROM looked WHERE bucket = ? AND key = ?", keys)
                for table in looks:
                    self._connection.executemany(_KEEP, ((self._bucket, *row) for row in _stored(table)))
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            self._prepare(connection)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
        else:
            self._connection = connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"it is of version {version}, which this auditor does not know")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _rows(self, low: str, high: str | None) -> list[tuple[object, ...]]:
        if self._connection is None:
            return []
        try:
            with self._lock:
                return self._connection.execute(_RANGE, (self._bucket, low, high, high)).fetchall()
        except sqlite3.Error as error:
            self._give_up(error)
            return []

    def _give_up(self, error: Exception) -> None:
        self._connection = None
        self.trouble = f"{self._path} cannot be used ({error})"


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Instants are kept as whole seconds."""
    if kind != INSTANT:
        return pa.array(values, kind)
    return pc.multiply(pa.array(values, pa.int64()), 1_000_000).cast(INSTANT)


def _stored(table: pa.Table) -> Iterator[tuple[object, ...]]:
    for row in table.to_pylist():
        yield (
            row["key"],
            row["etag"] or "",
            row["size"],
            _seconds(row["headers_at"]),
            _seconds(row["full_at"]),
            row["faulty"],
        )


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _SECOND


def known_looks(objects: pa.Table, state: pa.Table) -> pa.Table:
    """The objects (key, etag, size, …) with the columns of LOOKS; null where the state is of another object."""
    at = pc.index_in(plain(objects["key"]), value_set=plain(state["key"]))
    same = pc.and_(
        pc.equal(plain(state["etag"]).take(at), pc.fill_null(plain(objects["etag"]), "")),
        pc.equal(plain(state["size"]).take(at), plain(objects["size"])),
    )
    for field in LOOKS:
        column = pc.if_else(pc.fill_null(same, False), plain(state[field.name]).take(at), pa.scalar(None, field.type))
        objects = objects.append_column(field, column)
    return objects


def forgotten(objects: pa.Table, state: pa.Table) -> pa.Table:
    """What the state knows and the listing does not have any more."""
    return state.filter(pc.invert(pc.is_in(plain(state["key"]), value_set=plain(objects["key"]))))
