"""A SQLite file of unknown origin, examined by SQLite itself, without trusting a word of its schema.

The file is a private copy: it is opened `immutable`, so that nothing is written beside it. Advice for files from
strangers: https://www.sqlite.org/security.html#untrusted_sqlite_database_files. What a schema may make SQLite
compute is bounded by steps of its virtual machine, and what a value may hold by the limit of its length.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

LONGEST_VALUE = 16 << 20  # bytes of one string, BLOB or row
_CACHE_KIB = 8192
_EVERY = 10_000  # steps between two looks at the budget
_STEPS = 20_000_000
_STEPS_PER_BYTE = 8  # a row costs some dozens and takes at least some bytes

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 1_000_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    "trusted_schema = 0",
    "query_only = 1",
    "cell_size_check = 1",
    "mmap_size = 0",
    "ignore_check_constraints = 1",  # expressions of the schema, and no matter of integrity
    f"cache_size = -{_CACHE_KIB}",
)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_CHECKS = ("quick_check", "integrity_check")
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION)


class Damaged(Exception):
    """What SQLite complains of first, as the end of a sentence that begins "it …"."""


class Unchecked(Exception):
    """SQLite could not come to a verdict within the limits; the message says why."""


def uri(path: Path, *, immutable: bool) -> str:
    """
    >>> uri(Path("/data/a b?c#d%.db"), immutable=True)
    'file:/data/a%20b%3Fc%23d%25.db?mode=ro&immutable=1'
    """
    return f"file:{quote(os.fsencode(path.absolute()))}?mode=ro" + ("&immutable=1" if immutable else "")


def examine(path: Path, expected_tables: Iterable[str] = (), *, thorough: bool = True) -> None:
    """Raises Damaged and Unchecked.

    `thorough` is SQLite's integrity_check, which compares tables with their indexes; otherwise its quick_check.
    """
    check = _CHECKS[thorough]
    with _verdicts(), closing(_stranger(path)) as connection:
        (verdict, *_) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        if verdict != "ok":
            raise Damaged(f"fails SQLite's {check} ({' '.join(str(verdict).split())})")
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        missing = [table for table in expected_tables if table not in names]
        if missing:
            raise Damaged(f"has no table {missing[0]}; expected one, as the bindings say")


@contextmanager
def _verdicts() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:  # Python could not read what SQLite complained of
        raise Damaged("cannot be read by SQLite, whose complaint quotes bytes that are no text") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGE:
            raise Damaged(f"cannot be read by SQLite ({_name(error)})") from error
        if code is not None and code & 0xFF == sqlite3.SQLITE_INTERRUPT:
            raise Unchecked("its check took more steps than a file of its size should need") from error
        raise Unchecked(f"SQLite could not check it ({_name(error)})") from error


def _name(error: sqlite3.Error) -> str:
    """The name of the error: its text may quote the schema."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def _stranger(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(uri(path, immutable=True), uri=True, isolation_level=None)
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        steps = _STEPS + path.stat().st_size * _STEPS_PER_BYTE
        connection.set_progress_handler(Budget(steps // _EVERY), _EVERY)
        connection.set_authorizer(_authorize)
    except BaseException:
        connection.close()
        raise
    return connection


class Budget:
    """A progress handler: anything but 0 ends the statement."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def __call__(self) -> int:
        self._left -= 1
        return self._left < 0


def _authorize(action: int, first: str | None, *_: str | None) -> int:
    """Nothing but the checks and reading: no ATTACH, no function, no other PRAGMA."""
    if action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first in _CHECKS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
