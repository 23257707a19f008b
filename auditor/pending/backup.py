"""The list as the newest readable redis backup in the bucket has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from auditor.errors import CannotStart, ObjectGone, ObjectUnreadable
from auditor.formats.private_folder import private_folder
from auditor.pending.base import PendingList
from auditor.pending.chunks import copy_dumps
from auditor.pending.dump import members
from auditor.pending.members import Members, TooMany
from auditor.progress import Progress
from auditor.rows.backup import BackupTier, Candidate, candidates
from auditor.rows.download import download
from auditor.rows.verify import Unsound
from auditor.store.base import Store
from auditor.text import isoformat, printable

GRACE = timedelta(hours=24)  # a sweep comes by at least this often


@dataclass(frozen=True)
class BackupPending:
    """The list of a backup: read once, when it is opened, since it cannot change."""

    source: str
    as_of: datetime
    found: PendingList
    skipped: Sequence[tuple[str, str]] = field(default=())  # newer backups that were not used, and why

    def read(self) -> PendingList:
        return self.found

    def close(self) -> None:
        return None


def newest_list(
    store: Store, tiers: Sequence[BackupTier], key: str, now: datetime, progress: Progress
) -> BackupPending:
    """From the newest redis backup that is sound to its last byte. Raises CannotStart when there is none.

    It is downloaded into a private folder (0700, files 0600) that is removed before this returns, however it returns.
    """
    skipped: list[tuple[str, str]] = []
    for candidate in candidates(store, tiers):
        try:
            found = _read(store, candidate, key, now, progress)
        except (Unsound, TooMany, ObjectGone, ObjectUnreadable) as error:
            skipped.append((candidate.key, str(error)))
            progress.note(f"redis backup {printable(candidate.key)} is not used: {error}")
            continue
        source = f"redis backup {printable(candidate.key)}"
        progress.note(f"files about to be deleted come from {source}, as of {isoformat(candidate.as_of)}")
        return BackupPending(source, candidate.as_of, found, tuple(skipped))
    raise CannotStart(_none_readable(store, tiers, skipped))


def _read(store: Store, candidate: Candidate, key: str, now: datetime, progress: Progress) -> PendingList:
    with private_folder("pending") as folder:
        path = folder / "redis.bak"
        came = download(store, candidate.key, candidate.size, path, progress)
        if came != candidate.size:
            raise Unsound(f"{came} bytes came and {candidate.size} were listed")
        progress.stage("reading the list of pending deletions")
        return read_backup(path, folder, key, Members(store.bucket, _since(candidate.as_of, now)))


def read_backup(path: Path, folder: Path, key: str, collected: Members) -> PendingList:
    """The list in a backup's file; works in files of `folder`. SCAN may have given a key twice: both dumps count.

    Raises Unsound and TooMany.
    """
    for dump in copy_dumps(path, key.encode(), folder):
        for member, score in members(dump, folder):
            collected.add(member, score)
    return collected.finish()


def _since(as_of: datetime, now: datetime) -> float:
    """What was due by then (unix seconds) has been swept or withdrawn since; everything counts in a young backup."""
    limit = now - GRACE
    return limit.timestamp() if as_of <= limit else float("-inf")


def _none_readable(store: Store, tiers: Sequence[BackupTier], skipped: Sequence[tuple[str, str]]) -> str:
    if skipped:
        tried = "; ".join(f"{printable(key)} ({reason})" for key, reason in skipped)
        return f"no redis backup in {store.url} can be read, tried {tried}"
    places = ", ".join(printable(tier.prefix) for tier in tiers)
    return f"{store.url} has no redis backup {f'under {places}' if places else 'known to the bindings'}"
