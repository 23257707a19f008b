"""Unreferenced rows in key order, on disk: a private database of SQLite's that goes with its connection.

They are usually few; that they may be many must not cost memory.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from auditor.errors import RowsFailed
from auditor.rows.references import Witness

_TABLES = """
CREATE TABLE told (key TEXT NOT NULL, arm INTEGER NOT NULL, label TEXT, since TEXT);
CREATE TABLE named (what TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (what, value)) WITHOUT ROWID;
"""
_IN_ORDER = """
CREATE TABLE lonely AS SELECT key, arm, label, since FROM told ORDER BY key;
DROP TABLE told;
CREATE INDEX lonely_key ON lonely (key);
"""


class Spool:
    """Filled once, then thinned out, then read by any thread."""

    def __init__(self, witnesses: Iterable[list[Witness]]) -> None:
        """Raises RowsFailed, and whatever comes instead of witnesses."""
        self._lock = threading.Lock()
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # "" is a temporary file
        try:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_TABLES)
            self._fill("INSERT INTO told VALUES (?, ?, ?, ?)", witnesses)
            self._run(_IN_ORDER)
        except BaseException:
            self._db.close()
            raise

    def rows(self) -> int:
        """How many rows nothing refers to."""
        return int(self._ask("SELECT count(*) FROM lonely WHERE arm = 0")[0][0])

    def labels(self, arm: int) -> bool:
        """Whether any row of an arm has a label."""
        return bool(self._ask("SELECT 1 FROM lonely WHERE arm = ? AND label IS NOT NULL LIMIT 1", arm))

    def name(self, pairs: Iterable[list[tuple[str, str]]]) -> None:
        """Notes what texts name: pairs of what it is and its value."""
        self._fill("INSERT OR IGNORE INTO named VALUES (?, ?)", pairs)

    def clear_named(self, what: str, arm: int, column: str) -> None:
        """Takes out the rows of which one in this arm is named as `what` by its key or label."""
        self._run_with(
            f"DELETE FROM lonely WHERE key IN (SELECT l.key FROM lonely AS l JOIN named AS n ON n.value = l.{column} "  # noqa: S608
            "WHERE n.what = ? AND l.arm = ?)",
            what,
            arm,
        )

    def clear_since(self, young: Callable[[str], bool]) -> None:
        """Takes out the rows that were in use until a moment that is young."""
        self._db.create_function("young", 1, young)
        self._run_with(
            "DELETE FROM lonely WHERE key IN (SELECT key FROM lonely WHERE since IS NOT NULL AND young(since))"
        )

    def between(self, first: str, last: str) -> Iterator[tuple[str, int, str | None]]:
        """Key, arm and label of the rows with a key in [first, last], in key order."""
        sql = "SELECT key, arm, label FROM lonely WHERE key >= ? AND key <= ? ORDER BY key, arm, label"
        with self._lock:
            yield from self._db.execute(sql, (first, last))

    def close(self) -> None:
        self._db.close()

    def _fill(self, sql: str, batches: Iterable[list[Witness]] | Iterable[list[tuple[str, str]]]) -> None:
        try:
            self._db.execute("BEGIN")
            for batch in batches:
                self._db.executemany(sql, batch)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise RowsFailed(f"what nothing refers to could not be kept on disk: {error}") from error

    def _run(self, script: str) -> None:
        try:
            self._db.executescript(script)
        except sqlite3.Error as error:
            raise RowsFailed(f"what nothing refers to could not be sorted on disk: {error}") from error

    def _run_with(self, sql: str, *values: object) -> None:
        try:
            self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise RowsFailed(f"what nothing refers to could not be compared on disk: {error}") from error

    def _ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()
