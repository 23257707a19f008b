"""The entries of a baseline while they are changed: in a temporary SQLite database, so that any number fits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from auditor.baseline.entries import Entry, Group, Single, from_line, order, to_line

_TABLES = (
    "CREATE TABLE entries (rule TEXT, single INTEGER, name TEXT, fingerprint TEXT, line TEXT NOT NULL,"
    " PRIMARY KEY (rule, single, name, fingerprint)) WITHOUT ROWID",
    "CREATE INDEX by_fingerprint ON entries (fingerprint)",
    "CREATE TABLE found (fingerprint TEXT PRIMARY KEY) WITHOUT ROWID",
    "BEGIN",
)


class Shelf:
    """Entries by what they are about: a fingerprint, or a rule with a glob."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in _TABLES:
            self._database.execute(statement)
        for entry in entries:
            self.put(entry)

    def put(self, entry: Entry) -> None:
        """In place of what is there about the same."""
        self.drop(entry)
        self._database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (*order(entry), to_line(entry)))

    def drop(self, entry: Entry) -> None:
        if isinstance(entry, Group):
            names = (entry.rule, entry.glob)
            self._database.execute("DELETE FROM entries WHERE rule = ? AND single = 0 AND name = ?", names)
        else:
            self._database.execute("DELETE FROM entries WHERE fingerprint = ?", (entry.fingerprint,))

    def has(self, entry: Single) -> bool:
        rows = self._database.execute("SELECT 1 FROM entries WHERE fingerprint = ?", (entry.fingerprint,))
        return rows.fetchone() is not None

    def entries(self) -> Iterator[Entry]:
        """In the order of the file."""
        rows = self._database.execute("SELECT line FROM entries ORDER BY rule, single, name, fingerprint")
        return (from_line(line.encode()) for (line,) in rows)

    def groups(self) -> list[Group]:
        rows = self._database.execute("SELECT line FROM entries WHERE single = 0 ORDER BY rule, name")
        return [entry for (line,) in rows if isinstance(entry := from_line(line.encode()), Group)]

    def found(self, fingerprints: Iterable[str]) -> None:
        """Notes what a run has, for `lost`."""
        values = ((fingerprint,) for fingerprint in fingerprints)
        self._database.executemany("INSERT OR IGNORE INTO found VALUES (?)", values)

    def was_found(self, entry: Single) -> bool:
        rows = self._database.execute("SELECT 1 FROM found WHERE fingerprint = ?", (entry.fingerprint,))
        return rows.fetchone() is not None

    def lost(self) -> Iterator[Single]:
        """Entries about single findings that the run has not, by key."""
        rows = self._database.execute(
            "SELECT line FROM entries WHERE single = 1 AND fingerprint NOT IN (SELECT fingerprint FROM found)"
            " ORDER BY name, rule, fingerprint"
        )
        return (entry for (line,) in rows if isinstance(entry := from_line(line.encode()), Single))

    def close(self) -> None:
        self._database.close()
