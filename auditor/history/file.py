"""`history.sqlite`: every finding of the complete runs of a bucket, as it was last seen, and those runs.

Times are microseconds since 1970, UTC. `bucket` is the number of the bucket's URL. Of a finding: when a run first and
last saw it (the starts of those runs); `night_at` is the start of the first run of the last night on which it was seen,
`nights` on how many nights in a row; `missed_at` is when the listing ended of the run that first reported it in this
row, or in which its row_uid became what it is; `depth` is how deep its object was looked at (contents alone) and
`horizon` how new the evidence was (see `auditor.history.evidence`); `run` is the run that saw it last or found it
fixed.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from auditor.errors import CannotStart

FILENAME = "history.sqlite"
# Those of findings.csv in their order, but for the fingerprint, which is a blob of 32 bytes
_FACTS = ("rule", "name", "severity", "status", "bucket_name", "key", "family", "size", "last_modified", "row_uid")
COLUMNS = (*_FACTS, "message", "suggestion")

_APPLICATION, _VERSION = 0x61756474, 1
_PATIENCE = 60  # seconds that another run may hold the file
_SCHEMA = (
    "CREATE TABLE buckets (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE)",
    "CREATE TABLE runs (bucket INTEGER NOT NULL, run_id TEXT NOT NULL, started_at INTEGER NOT NULL,"
    " folder TEXT NOT NULL, PRIMARY KEY (bucket, run_id)) WITHOUT ROWID",
    "CREATE TABLE findings (id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, fingerprint BLOB NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('open', 'fixed')), first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
    " night_at INTEGER NOT NULL, nights INTEGER NOT NULL, missed_at INTEGER NOT NULL, horizon INTEGER NOT NULL,"
    " depth TEXT, run TEXT NOT NULL, rule TEXT NOT NULL, name TEXT NOT NULL, severity TEXT NOT NULL,"
    " status TEXT NOT NULL, bucket_name TEXT NOT NULL, key TEXT NOT NULL, family TEXT, size INTEGER,"
    " last_modified INTEGER, row_uid TEXT, message TEXT NOT NULL, suggestion TEXT NOT NULL)",
    "CREATE UNIQUE INDEX findings_by_fingerprint ON findings (bucket, fingerprint)",
    "CREATE INDEX findings_open ON findings (bucket, key, rule, fingerprint) WHERE state = 'open'",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


def open_file(path: Path) -> sqlite3.Connection:
    """Makes the file where there is none, readable by its owner alone. Raises CannotStart for what is no history."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise CannotStart(
            f"{path} cannot be used as the history ({error}): name another file with --history, or move it away "
            "to begin a new one"
        ) from error
    return connection


def empty(path: Path) -> sqlite3.Connection:
    """A history of nothing, in memory, for a file that is still to be made. Raises CannotStart where it cannot be."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise CannotStart(f"the history {path} cannot be made there: name another file with --history")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection, path)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA cache_size = -32768")  # KiB, as a negative number
    if _is_empty(connection):
        connection.execute("BEGIN IMMEDIATE")
        if _is_empty(connection):  # still, now that nobody else can make it one
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
    application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
    if application != _APPLICATION:
        raise CannotStart(f"{path} is a database of something else, not a history: name another file with --history")
    if version != _VERSION:
        raise CannotStart(
            f"{path} is a history of version {version}, which this auditor does not know: use a newer one"
        )
    (fault,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if fault != "ok":
        raise sqlite3.DatabaseError(f"it is damaged: {fault}")


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return not tables and not _pragma(connection, "application_id")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
