"""The one builder: catalogue, traps, faults, filler, backups, in an order that makes every world reproducible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tests.world import backups, catalogue, database, faults, holding, pending, rich_drift, s3_only, traps
from tests.world.backups import NEWEST, STEP
from tests.world.faults import Faults
from tests.world.files import Files
from tests.world.filler import Filler
from tests.world.holding import Holds
from tests.world.ledger import BUCKET, EmbeddingFault, Ledger
from tests.world.world import World

Broken = Literal["truncated", "garbage", "corrupt"]


@dataclass(frozen=True)
class BackupOptions:
    """The database backup in the bucket: its journal mode, the hint in its name, and how a newer one is broken."""

    journal_mode: Literal["wal", "delete"] = "wal"
    hint: str = ""
    broken: Broken | None = None


def build(
    seed: int,
    objects: int = 2_000,
    *,
    now: datetime,
    faults: Faults | None = None,
    for_folder: bool = False,
    holds: Holds = holding.anything,
    backup: BackupOptions | None = None,
    drift: int = 0,
    bucket: str = BUCKET,
) -> World:
    """A world of about `objects` objects (never fewer than what is always planted: about 290).

    The same (seed, objects, now) give the same world, byte by byte. `faults` are all faults unless they are named.
    A key that the place of the world cannot hold (`holds`; `for_folder`: what no file system can) is left out and
    noted in `World.left_out`; the rest stays as it is. Ages are measured from `now`, which should be the clock of
    whoever serves the world; none lies within an hour of a limit that a verdict depends on.
    `drift` keys of each sort that the service writes and does not describe are there beside the faults. `bucket` is
    where the world is going to be placed, since what is about to be deleted is listed with its bucket.
    """
    wanted = Faults.all() if faults is None else faults
    ledger = Ledger(seed, int(now.timestamp()), holding.file_system if for_folder else holds, bucket)
    known = catalogue.catalogue(Files(ledger, "catalogue"))
    catalogue.sound_embeddings(Files(ledger, "sound-embeddings"), known.journeys)
    traps.plant(ledger, known)
    pending.plant_traps(Files(ledger, "pending"))
    _faults(ledger, known, wanted)
    if drift:
        rich_drift.plant(Files(ledger, "rich-drift"), drift)
    options = backup or BackupOptions()
    usable = _other_backups(ledger, objects, options)
    Filler(Files(ledger, "filler"), known, objects - ledger.size() - 1).run()
    s3_only.plant(ledger, wanted)
    _database_backup(ledger, usable, options)
    return World(ledger, usable)


def _faults(ledger: Ledger, known: catalogue.Catalogue, wanted: Faults) -> None:
    faults.plant(ledger, known, wanted)


def _other_backups(ledger: Ledger, objects: int, options: BackupOptions) -> int:
    """Everything of the rowless families but the usable database backup, whose time (unix seconds) is returned."""
    usable = ledger.now - NEWEST - (STEP if options.broken else 0)
    files = Files(ledger, "backups")
    count = max(6, objects // 400)
    backups.older(files, count, usable)
    backups.timely(files)
    backups.redis(files, count)
    backups.jobs(files)
    return usable


def _database_backup(ledger: Ledger, usable: int, options: BackupOptions) -> None:
    """The backup that holds the rows as they were; before it, on request, a newer one that does not."""
    body = database.serialized(database.rows_at(ledger, usable), options.journal_mode)
    key = f"s3_files/backup/database/{usable}{options.hint}.bak"
    ledger.put(key, body, usable + 40, "backup/database")
    if options.broken:
        newer = ledger.now - NEWEST
        key = f"s3_files/backup/database/{newer}.bak"
        ledger.put(key, backups.broken(body, options.broken), newer + 40, "backup/database")
        ledger.faults[key].append(EmbeddingFault("BAK001", "file"))
        ledger.planted["broken-backup"].append(key)
