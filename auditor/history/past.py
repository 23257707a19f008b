"""What the history knows of the findings of one bucket, asked page by page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from auditor.findings import Finding, Severity, Status
from auditor.history.file import COLUMNS, empty, open_file
from auditor.history.instants import instant

PAGE = 5_000  # findings that are asked about together

_ABOUT = "id, state = 'open', first_seen, night_at, nights, missed_at, horizon, depth, row_uid"
_OPEN = "FROM findings WHERE bucket = ? AND state = 'open' AND id NOT IN (SELECT id FROM temp.seen)"
_TEXT = f"lower(hex(fingerprint)), {', '.join(COLUMNS)}"


class Past(NamedTuple):
    """What earlier runs knew of one finding; times as in `auditor.history.file`."""

    id: int
    open: bool
    first_seen: int
    night_at: int
    nights: int
    missed_at: int
    horizon: int
    depth: str | None
    row_uid: str | None


@dataclass(frozen=True)
class RecordedRun:
    run_id: str
    started_at: datetime


class History:
    """One bucket's part of a history file. Not for several threads. Raises CannotStart, see `open_file`."""

    def __init__(self, path: Path, bucket: str) -> None:
        self.path = path
        self.url = bucket
        self._made = path.exists()
        self.connection = open_file(path) if self._made else empty(path)
        self.begin()

    def connection_to_write(self) -> sqlite3.Connection:
        """The file is made by the first run that is recorded, not by one that is only begun."""
        if not self._made:
            self.connection.close()
            self.connection, self._made = open_file(self.path), True
        return self.connection

    @property
    def bucket(self) -> int:
        """The number of the bucket; 0 while nothing is recorded of it."""
        found = self.connection.execute("SELECT id FROM buckets WHERE url = ?", (self.url,)).fetchone()
        return found[0] if found else 0

    def bucket_to_record(self) -> int:
        """The same, made if it is not there yet; inside the caller's transaction."""
        self.connection.execute("INSERT INTO buckets (url) VALUES (?) ON CONFLICT DO NOTHING", (self.url,))
        return self.bucket

    def newest(self) -> RecordedRun | None:
        return self._run("DESC")

    def oldest(self) -> RecordedRun | None:
        return self._run("ASC")

    def runs(self) -> set[str]:
        """The ids of all recorded runs."""
        rows = self.connection.execute("SELECT run_id FROM runs WHERE bucket = ?", (self.bucket,))
        return {run_id for (run_id,) in rows}

    def look_up(self, fingerprints: Sequence[str]) -> dict[str, Past]:
        """What is known of at most PAGE findings, by fingerprint."""
        if not self.bucket:
            return {}
        places = ",".join("?" * len(fingerprints))
        query = f"SELECT lower(hex(fingerprint)), {_ABOUT} FROM findings WHERE bucket = ? AND fingerprint IN ({places})"  # noqa: S608 -- places alone
        rows = self.connection.execute(query, (self.bucket, *map(bytes.fromhex, fingerprints)))
        return {fingerprint: Past(*about) for fingerprint, *about in rows}

    def begin(self) -> None:
        """Forgets what `saw` was told."""
        self.connection.execute("CREATE TEMP TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY)")
        self.connection.execute("DELETE FROM temp.seen")

    def saw(self, ids: Iterable[int]) -> None:
        """Notes that this run reports these findings."""
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT OR IGNORE INTO temp.seen VALUES (?)", ((one,) for one in ids))
        self.connection.execute("COMMIT")

    def unseen(self, prefix: str, codes: Iterable[str]) -> Iterator[tuple[Finding, Past]]:
        """Open findings of these rules that `saw` was not told of, as last seen, in report order: about no key, last.

        Those about keys that begin with the prefix, and those about no key.
        """
        rules = json.dumps(list(codes))
        for finding, past in self._open("key >= ? AND key <> ''", prefix, rules):
            if not finding.key.startswith(prefix):
                break
            yield finding, past
        yield from self._open("key = ?", "", rules)

    def count_unseen(self, prefix: str) -> int:
        """The same of all rules, counted."""
        query = f"SELECT count(*) {_OPEN} AND (key = '' OR substr(key, 1, length(?)) = ?)"
        (count,) = self.connection.execute(query, (self.bucket, prefix, prefix)).fetchone()
        return int(count)

    def close(self) -> None:
        self.connection.close()

    def _open(self, where: str, key: str, rules: str) -> Iterator[tuple[Finding, Past]]:
        query = (
            f"SELECT {_ABOUT}, {_TEXT} {_OPEN} AND {where}"  # noqa: S608 -- ours
            " AND rule IN (SELECT value FROM json_each(?)) ORDER BY key, rule, fingerprint"
        )
        about = len(Past._fields)
        for row in self.connection.execute(query, (self.bucket, key, rules)):
            yield _finding(row[about:]), Past(*row[:about])

    def _run(self, order: str) -> RecordedRun | None:
        query = f"SELECT run_id, started_at FROM runs WHERE bucket = ? ORDER BY started_at {order} LIMIT 1"  # noqa: S608 -- ours
        found = self.connection.execute(query, (self.bucket,)).fetchone()
        return RecordedRun(found[0], instant(found[1])) if found else None


def _finding(cells: tuple[str | int | None, ...]) -> Finding:
    fingerprint, *rest = cells
    value: dict[str, object] = dict(zip(COLUMNS, rest, strict=True))
    modified = value["last_modified"]
    value["last_modified"] = instant(modified) if isinstance(modified, int) else None
    value |= {"severity": Severity(str(value["severity"])), "status": Status(str(value["status"]))}
    value["bucket"] = value.pop("bucket_name")
    return Finding(fingerprint=fingerprint, **value)  # type: ignore[arg-type]
