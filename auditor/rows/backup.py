"""Rows of the newest readable database backup in the bucket itself."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.errors import CannotStart, ListingFailed, ObjectGone, ObjectUnreadable
from auditor.formats.private_folder import PrivateFolder, make_private_folder
from auditor.progress import Progress
from auditor.rows.base import RowTable
from auditor.rows.download import download
from auditor.rows.sqlite import SqliteRows
from auditor.rows.verify import Unsound, check_header, quick_check
from auditor.store.base import Store
from auditor.text import isoformat, printable


@dataclass(frozen=True)
class BackupTier:
    """Where backups of one kind are: the literal prefix to list, and the time that a key tells (None: no backup)."""

    prefix: str
    time_of: Callable[[str], datetime | None]


@dataclass(frozen=True)
class Candidate:
    key: str
    size: int  # bytes, as listed
    as_of: datetime  # the earlier of the time in the key and LastModified


class BackupRows(SqliteRows):
    """`SqliteRows` over a downloaded backup, which `close()` removes; `skipped` says which newer ones were not used.

    The folder goes when the instance is closed, collected, or alive at the end of the interpreter, and only in the
    process that made it; pickled to another process it is a plain `SqliteRows` of the same file.
    """

    def __init__(self, folder: PrivateFolder, path: Path, candidate: Candidate, table: RowTable) -> None:
        source = f"backup {printable(candidate.key)}"
        super().__init__(path, table, private_copy=True, as_of=candidate.as_of, source=source)
        self.key = candidate.key
        self.skipped: list[tuple[str, str]] = []
        self._remove = weakref.finalize(self, _remove_own, folder, os.getpid())

    def close(self) -> None:
        super().close()
        self._remove()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.path, self.table, self.as_of, self.source)


def newest_backup(
    store: Store,
    tiers: Sequence[BackupTier],
    table: RowTable,
    progress: Progress,
    *,
    directory: Path | None = None,
) -> BackupRows:
    """The newest backup that can be read, a tier exhausted before the next; a context manager, or call `close()`.

    It is downloaded into a private folder under `directory` (default: the system's folder for temporary files).
    Raises CannotStart, naming what was tried, when there is none.
    """
    skipped: list[tuple[str, str]] = []
    for candidate in candidates(store, tiers):
        try:
            rows = _opened(store, candidate, table, progress, directory)
        except (Unsound, ObjectGone, ObjectUnreadable) as error:
            skipped.append((candidate.key, str(error)))
            progress.note(f"backup {printable(candidate.key)} is not used: {error}")
            continue
        rows.skipped = skipped
        progress.note(f"rows come from {rows.source}, as of {isoformat(candidate.as_of)}")
        return rows
    raise CannotStart(_none_readable(store, tiers, skipped))


def candidates(store: Store, tiers: Sequence[BackupTier]) -> Iterator[Candidate]:
    """Backups tier by tier, newest first in each; a tier is listed when the one before it is exhausted."""
    for tier in tiers:
        try:
            found = list(_of_tier(store, tier))
        except ListingFailed as error:
            raise CannotStart(f"the backups under {tier.prefix} could not be listed: {error}") from error
        yield from sorted(found, key=lambda one: (one.as_of, one.key), reverse=True)


def _of_tier(store: Store, tier: BackupTier) -> Iterator[Candidate]:
    for page in store.list(tier.prefix):
        columns = (page[name].to_pylist() for name in ("key", "size", "last_modified"))
        for key, size, last_modified in zip(*columns, strict=True):
            told = tier.time_of(key)
            if told is not None:
                aware = told if told.tzinfo else told.replace(tzinfo=UTC)
                yield Candidate(key, size, min(aware, last_modified).astimezone(UTC))


def _opened(
    store: Store, candidate: Candidate, table: RowTable, progress: Progress, directory: Path | None
) -> BackupRows:
    folder = make_private_folder("backup", directory)
    try:
        path = folder.path / "backup.sqlite"
        came = download(store, candidate.key, candidate.size, path, progress)
        if came != candidate.size:
            raise Unsound(f"{came} bytes came and {candidate.size} were listed")
        check_header(path)
        progress.stage("checking the backup")
        quick_check(path)
        return _with_table(folder, path, candidate, table)
    except BaseException:  # an interrupt, too, leaves nothing behind
        folder.remove()
        raise


def _with_table(folder: PrivateFolder, path: Path, candidate: Candidate, table: RowTable) -> BackupRows:
    try:
        return BackupRows(folder, path, candidate, table)
    except CannotStart as error:
        raise Unsound(str(error)) from error


def _none_readable(store: Store, tiers: Sequence[BackupTier], skipped: Sequence[tuple[str, str]]) -> str:
    advice = "name a database with --db sqlite:///FILE, or audit without rows with --db none"
    if skipped:
        tried = "; ".join(f"{printable(key)} ({reason})" for key, reason in skipped)
        return f"no database backup in {store.url} can be read, tried {tried}: {advice}"
    places = ", ".join(printable(tier.prefix) for tier in tiers)
    where = f"under {places}" if places else "known to the bindings"
    return f"{store.url} has no database backup {where}: {advice}"


def _reopened(path: Path, table: RowTable, as_of: datetime | None, source: str) -> SqliteRows:
    return SqliteRows(path, table, private_copy=True, as_of=as_of, source=source)


def _remove_own(folder: PrivateFolder, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker must not take the file from under its parent
        folder.remove()
