"""Which backups there are, from old to new: in a bucket, or loose files of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from auditor.errors import CannotStart
from auditor.rows.backup import BackupTier, candidates
from auditor.store.base import Store
from auditor.text import printable

SUFFIXES = (".bak", ".db", ".sqlite", ".sqlite3")


class DatedBy(StrEnum):
    NAME = "name"  # in a bucket the earlier of the name's time and LastModified
    MODIFIED = "modified"  # the file's own time, since the name tells none
    NOW = "now"  # no backup: the database itself


@dataclass(frozen=True)
class Backup:
    """The database at one moment. `name` is the key in the bucket, or the path below the folder."""

    name: str
    at: datetime
    size: int  # bytes
    dated_by: DatedBy = DatedBy.NAME


def in_bucket(store: Store, tiers: Sequence[BackupTier]) -> list[Backup]:
    """Every backup of every tier, oldest first. Raises CannotStart where they cannot be listed."""
    found = {one.key: Backup(one.key, one.as_of, one.size) for one in candidates(store, tiers)}
    return _in_order(found.values())


def in_folder(folder: Path, tiers: Sequence[BackupTier]) -> list[Backup]:
    """Every file below the folder whose name ends as a database's may, oldest first; links are not followed.

    The time is in the name if the end of a template of backups fits it. Raises CannotStart.
    """
    if not folder.is_dir():
        raise CannotStart(f"there is no folder {printable(str(folder))}: name one that holds backups")
    return _in_order(_loose(folder, tiers))


def _loose(folder: Path, tiers: Sequence[BackupTier]) -> Iterator[Backup]:
    def refused(error: OSError) -> None:
        where = printable(str(error.filename))
        raise CannotStart(f"{where} cannot be read ({error.strerror}): ask for permission to read it")

    for parent, _, names in os.walk(folder, onerror=refused):
        for name in names:
            path = Path(parent, name)
            if name.lower().endswith(SUFFIXES) and path.is_file() and not path.is_symlink():
                status = path.stat()
                told = _told(name, tiers)
                at = told or datetime.fromtimestamp(status.st_mtime, UTC)
                dated_by = DatedBy.NAME if told else DatedBy.MODIFIED
                yield Backup(str(path.relative_to(folder)), at, status.st_size, dated_by)


def _told(name: str, tiers: Sequence[BackupTier]) -> datetime | None:
    """The time in a name, read as if the file lay where backups lie in a bucket."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return None  # no key either
    for tier in tiers:
        parent = tier.prefix.rpartition("/")[0]
        if (told := tier.time_of(f"{parent}/{name}" if parent else name)) is not None:
            return told if told.tzinfo else told.replace(tzinfo=UTC)
    return None


def _in_order(backups: Iterable[Backup]) -> list[Backup]:
    return sorted(backups, key=lambda one: (one.at, one.name))
