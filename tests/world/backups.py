"""Backups and job files: the families that never have rows."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.world.bodies import redis_backup
from tests.world.files import Files
from tests.world.ledger import DAY, HOUR
from tests.world.purgatory import backup_chunk

NEWEST = 10 * HOUR  # age of the newest database backup
STEP = 12 * HOUR
_REASONS = (
    "0039_emotions",
    "0095_contact_methods-post",
    "0214_round_trip_flow_screens-pre",
    "0259_fix_corrupted_journal_items-post",
)


@dataclass(frozen=True)
class BackupPlan:
    """When the backup that the auditor should use was made (unix seconds), and the moments of all others."""

    usable: int
    broken: int | None


def old_database() -> bytes:
    """A tiny SQLite file such as a backup of the first days: two tables, no file yet."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, sub TEXT UNIQUE NOT NULL, created_at REAL NOT NULL)"
    )
    connection.execute("CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT, key TEXT, file_size INTEGER)")
    body = connection.serialize()
    connection.close()
    return body


def broken(body: bytes, how: str) -> bytes:
    """`truncated`: cut off within a page, as by a connection that died. `garbage`: the right length, no SQLite."""
    if how == "truncated":
        return body[: len(body) * 2 // 3 + 100]
    if how == "garbage":
        return b"<html>503 Service Unavailable</html>".ljust(len(body), b"\n")
    if how == "corrupt":
        return _overwritten(body)
    raise ValueError(f"{how!r} is no way to break a backup")


def _overwritten(body: bytes) -> bytes:
    """Header, length and first page are right; a page in the middle is noise that an integrity check finds."""
    (size,) = struct.unpack(">H", body[16:18])
    middle = len(body) // size // 2 * size
    return body[:middle] + b"\x5a" * size + body[middle + size :]


def older(files: Files, count: int, newest: int) -> None:
    """`count` database backups before `newest` (unix seconds), and two far older ones with a hint in their names."""
    tiny = old_database()
    for number in range(1, count + 1):
        spread = STEP if number < 8 else 30 * HOUR
        at = newest - STEP * min(number, 7) - spread * max(0, number - 7)
        storage = "GLACIER" if number > 12 else "STANDARD"
        files.ledger.put(f"s3_files/backup/database/{at}.bak", tiny, at + 40, "backup/database", storage_class=storage)
    for hint, at in (("manual", 1_690_000_000), ("-repopulate_emotions", 1_700_000_000)):
        key = files.plant("hinted-backup", f"s3_files/backup/database/{at}{hint}.bak")
        files.ledger.put(key, tiny, at + 40, "backup/database")


def timely(files: Files) -> None:
    """Backups before and after migrations; the last one is newer than any other backup, and is not to be used."""
    tiny = old_database()
    moments = [files.moment(40 * DAY, 700 * DAY) for _ in _REASONS[:-1]] + [files.ago(5 * HOUR)]
    for reason, at in zip(_REASONS, moments, strict=True):
        key = f"s3_files/backup/database/timely/{reason}-{at}.bak"
        files.ledger.put(key, tiny, at + 3, "backup/database/timely")


def redis(files: Files, count: int) -> None:
    """`count` backups of about one size; redis was empty when the first was made."""
    for number in range(count):
        at = files.ago(NEWEST + number * STEP - 20)
        keys = 0 if number == count - 1 else 4 + number % 3
        values = {b"stats:%d" % index: b"%d" % files.names.random.randint(0, 999) for index in range(keys)}
        body = redis_backup(values) + backup_chunk(files.ledger, at)
        files.ledger.put(f"s3_files/backup/redis/{at}.bak", body, at + 2, "backup/redis")
        files.ledger.redis_backup_at = max(at, files.ledger.redis_backup_at or 0)


def jobs(files: Files) -> None:
    """Lists of dropped emotions; one was written in a second without a fraction."""
    for microseconds in (123456, 0):
        at = files.moment(10 * DAY, 400 * DAY)
        name = (datetime.fromtimestamp(at, UTC) + timedelta(microseconds=microseconds)).replace(tzinfo=None).isoformat()
        words = "\n".join(sorted(files.names.token(4) for _ in range(25)))
        key = files.plant("job-file", f"s3_files/jobs/repopulate_emotions/dropped_{name}.txt")
        files.ledger.put(key, words.encode(), at, "jobs/repopulate_emotions")
