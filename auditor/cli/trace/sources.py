"""Backups to look at, from what the user named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.cli.connection import connection
from auditor.cli.pending import backup_tiers
from auditor.errors import CannotStart, ObjectUnreadable
from auditor.progress import Progress
from auditor.rows import BackupTier, RowSource, RowTable, open_rows
from auditor.spec import Specification
from auditor.store import open_store
from auditor.store.base import ObjectFacts, Store
from auditor.store.folder import FolderStore
from auditor.text import printable
from auditor.tracing import Backup, BucketFiles, FolderFiles, in_bucket, in_folder
from auditor.tracing.backups import DatedBy
from auditor.tracing.session import Files


@dataclass(frozen=True)
class Place:
    """Where backups are. `store` is None for loose files."""

    shown: str
    backups: list[Backup]
    store: Store | None
    folder: Path | None = None

    @property
    def remote(self) -> bool:
        """Whether fetching costs a download."""
        return self.store is not None and not isinstance(self.store, FolderStore)

    def files(self, most: int | None) -> Files:
        if self.store is not None:
            return BucketFiles(self.store, most if self.remote else None)
        return FolderFiles(self.folder or Path())

    def head(self, key: str) -> ObjectFacts | ObjectUnreadable | None:
        """The object, None where there is none, or why that cannot be told."""
        try:
            return self.store.head(key) if self.store is not None else None
        except ObjectUnreadable as error:
            return error


def open_place(stack: ExitStack, bucket: str | None, given: Mapping[str, Any], compiled: Specification) -> Place:
    """Raises CannotStart, also where there is no backup in the time that was asked for."""
    folder: Path | None = given["backups"]
    if (bucket is None) == (folder is None):
        raise CannotStart("backups are in a bucket or in a folder: name one, BUCKET or --backups FOLDER")
    tiers = backup_tiers(compiled, compiled.database_backups)
    place = _loose(folder, tiers) if folder is not None else _in_bucket(stack, bucket or "", given, tiers)
    if not place.backups:
        raise CannotStart(f"{place.shown} has no database backup{_known(tiers)}: {_advice(folder)}")
    within = [one for one in place.backups if _within(one.at, given["since"], given["until"])]
    if not within:
        raise CannotStart(
            f"none of the {len(place.backups)} backups of {place.shown} is of that time: choose another --from, --until"
        )
    return Place(place.shown, within, place.store, place.folder)


def open_now(
    stack: ExitStack, db: str | None, table: RowTable, place: Place, progress: Progress
) -> dict[Backup, RowSource]:
    """The database as it is now, as one more moment. Raises CannotStart."""
    if db in (None, "none"):
        return {}
    if db == "backup":
        raise CannotStart("every backup is looked for anyway: --db names the database as it is now, or leave it out")
    store = place.store or FolderStore(Path())
    rows = open_rows(str(db), table=table, store=store, tiers=[], progress=progress)
    if rows is None:
        return {}
    stack.enter_context(closing(rows))
    now = max([datetime.now(UTC), *(backup.at for backup in place.backups)])
    return {Backup(rows.source, now, 0, DatedBy.NOW): rows}


def _loose(folder: Path, tiers: Sequence[BackupTier]) -> Place:
    return Place(printable(str(folder)), in_folder(folder, tiers), None, folder)


def _in_bucket(stack: ExitStack, bucket: str, given: Mapping[str, Any], tiers: Sequence[BackupTier]) -> Place:
    store, _ = open_store(bucket, **connection(given))
    stack.enter_context(closing(store))
    store.clock()
    return Place(printable(store.url), in_bucket(store, tiers), store)


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at <= until)


def _known(tiers: Sequence[BackupTier]) -> str:
    return "" if tiers else " that the bindings know of"


def _advice(folder: Path | None) -> str:
    if folder is not None:
        return "name a folder with files that end in .bak, .db or .sqlite"
    return "name the bucket that has them, or a folder of them with --backups FOLDER"
