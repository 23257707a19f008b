"""How a SQLite file is opened: to read, never to write, and with a sentence that helps where it cannot be.

A live file is opened `mode=ro` and never `immutable`: a WAL database keeps committed rows outside of the main file,
and `immutable` would hide them. A private copy has nobody else and no -wal, so `immutable=1` reads it without making
-shm and -wal files beside it (https://www.sqlite.org/uri.html, https://www.sqlite.org/wal.html#readonly).

The file itself is never opened but by SQLite: closing any other descriptor of it would drop this process's POSIX locks
(https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from auditor.errors import CannotStart
from auditor.formats.sqlite_check import Budget, uri

BUSY_SECONDS = 15.0
_EVERY = 10_000_000  # steps of SQLite's virtual machine between two looks at the budget, a tenth of a second
_STEPS = 1_000_000_000  # some half a minute
_STEPS_PER_BYTE = 300  # a statement over an honest file of 1 GB may take an hour


def connect(path: Path, *, immutable: bool, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection in autocommit mode that cannot write; raises sqlite3.Error.

    A private copy (`immutable`) is a stranger's file, whose tables may be views without an end: what is asked over one
    connection takes a bounded number of steps, far more than an honest file needs.
    """
    connection = sqlite3.connect(uri(path, immutable=immutable), uri=True, timeout=busy_seconds, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = 1")
        if immutable:
            steps = _STEPS + path.stat().st_size * _STEPS_PER_BYTE
            connection.set_progress_handler(Budget(steps // _EVERY), _EVERY)
    except BaseException:
        connection.close()
        raise
    return connection


def check_file(path: Path, source: str) -> None:
    """Raises CannotStart for what can be told without SQLite."""
    try:
        if not path.exists():
            raise CannotStart(f"there is no database file {source}: check the path after sqlite:///")
        if not path.is_file():
            raise CannotStart(f"{source} is not a file: name the database file itself after sqlite:///")
        if path.stat().st_size == 0:
            raise CannotStart(f"{source} is an empty file: name the service's database file")
    except (OSError, ValueError) as error:
        raise CannotStart(f"{source} cannot be looked at: {error}; check the path and its permissions") from error
    if not os.access(path, os.R_OK):
        raise CannotStart(f"{source} may not be read by this user: grant read access to the file, or run as its owner")


def refusal(error: sqlite3.Error, path: Path, source: str) -> CannotStart:
    """What SQLite's refusal to open the file means, and what to do next."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_INTERRUPT:
        return CannotStart(
            f"{source} takes more steps to read than a file of its size should need: is it the service's?"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return CannotStart(f"{source} is not a SQLite database, or it is encrypted: name the plain database file")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) and not os.access(path.parent, os.W_OK):
        return CannotStart(
            f"{source} is a database in WAL mode, and SQLite must be able to create its -shm file in that folder: "
            "run as a user who may write there, or copy the database with its -wal file to another folder"
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CannotStart(f"{source} stayed locked by another program: try again when that program has finished")
    if code == sqlite3.SQLITE_CORRUPT:
        return CannotStart(f"{source} is damaged ({error}): restore it, or use --db backup")
    return CannotStart(f"{source} cannot be read ({error}): check that it is the service's database file")
