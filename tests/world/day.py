"""A day passes in a served world: backups are made, one file too many is deleted, somebody tidies up."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.spec.model import Fit
from tests.world import backups, database
from tests.world.bodies import redis_backup
from tests.world.files import Files
from tests.world.ledger import DAY, HOUR, Ledger
from tests.world.purgatory import backup_chunk
from tests.world.serve import Served, place
from tests.world.world import World

TIDIED = 3
STATISTICS = 12


def a_day_later(world: World, served: Served) -> Iterator[str]:
    """Moves the world's clock on by a day, changes its bucket, and says what happened, event by event."""
    ledger, there = world.ledger, set(world.ledger.objects)
    ledger.now += DAY
    yield _backups(ledger)
    yield _statistics(Files(ledger, "a day later"))
    for key, found in ledger.objects.items():
        if key not in there:
            place(served.backend, served.bucket, found)
    yield from _deleted(world, served)


def _backups(ledger: Ledger) -> str:
    """Two of each sort, twelve hours apart. The newest of the database is cut off, so the one before it is used."""
    for age in (backups.NEWEST + backups.STEP, backups.NEWEST):
        at = ledger.now - age
        whole = database.serialized(database.rows_at(ledger, at), "wal")
        body = backups.broken(whole, "truncated") if age == backups.NEWEST else whole
        ledger.put(f"s3_files/backup/database/{at}.bak", body, at + 40, "backup/database")
        values = {b"stats:%d" % number: b"%d" % number for number in range(5)}
        body = redis_backup(values) + backup_chunk(ledger, at + 20)
        ledger.put(f"s3_files/backup/redis/{at + 20}.bak", body, at + 22, "backup/redis")
    return "backups were made, and the newest of the database was cut off"


def _statistics(files: Files) -> str:
    for number in range(STATISTICS):
        key = f"s3_files/statistics/{number:02}.json"
        files.ledger.put(files.plant("unknown-prefix", key), b"{}", files.ago(5 * HOUR), None, Fit.UNKNOWN)
    return f"somebody began to write to s3_files/statistics/, which no document knows ({STATISTICS} objects)"


def _deleted(world: World, served: Served) -> Iterator[str]:
    lost = world.planted["course-zip"][0]
    orphans = [key for key in world.planted["orphan"] if key in world.ledger.objects][:TIDIED]
    for key in (lost, *orphans):
        del world.ledger.objects[key]
        served.backend.delete_object(served.bucket, key)
    yield f"a file was deleted by mistake, and its row is still there: {lost}"
    yield f"{TIDIED} orphans were deleted for good"
