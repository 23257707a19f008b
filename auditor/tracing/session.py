"""Backups as rows, for as long as one trace lasts: each is fetched at most once, and nothing of it is left behind."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

from auditor.errors import CannotStart, ObjectGone, ObjectUnreadable, RowsFailed
from auditor.formats.private_folder import PrivateFolder, make_private_folder
from auditor.progress import Progress
from auditor.rows import RowSource, RowTable, SqliteRows
from auditor.rows.download import download
from auditor.rows.sql import quoted
from auditor.rows.verify import Unsound, check_header, quick_check
from auditor.store.base import Store
from auditor.text import printable
from auditor.tracing.backups import Backup
from auditor.tracing.search import Enough

_BESIDE = ("-wal", "-journal")
_OPTIONAL = ("uid", "size", "content_type", "created_at")


class Kind(StrEnum):
    """Why a backup told nothing."""

    BROKEN = "broken"  # it is there, and no whole database of the service
    GONE = "gone"  # it went since it was listed
    NOT_FETCHED = "not fetched"  # it may be whole: whoever may read it, or tries later, can tell


class Unread(Exception):
    """A backup that told nothing; the message is a reason, without the backup's name."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Files(Protocol):
    """Where the bytes of backups come from."""

    def put(self, backup: Backup, path: Path, progress: Progress) -> int:
        """Makes `path` that backup, for reading, and says how many bytes were fetched. Raises Unread, Unsound."""
        ...


class BucketFiles:
    """Downloads; never more than `most` bytes in all, by the sizes that were listed."""

    def __init__(self, store: Store, most: int | None = None) -> None:
        self._store, self._left = store, most

    def put(self, backup: Backup, path: Path, progress: Progress) -> int:
        if self._left is not None and backup.size > self._left:
            raise Enough
        try:
            came = download(self._store, backup.name, backup.size, path, progress)
        except ObjectGone as error:
            raise Unread(Kind.GONE, "it is no longer in the bucket") from error
        except ObjectUnreadable as error:
            raise Unread(Kind.NOT_FETCHED, f"it could not be downloaded: {error.reason}") from error
        finally:
            if self._left is not None:
                self._left -= backup.size
        if came != backup.size:
            raise Unsound(f"{came} bytes came and {backup.size} were listed")
        return came


class FolderFiles:
    """Files that are read where they lie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def put(self, backup: Backup, path: Path, progress: Progress) -> int:
        there = self._folder / backup.name
        progress.stage(f"checking {printable(backup.name)}")
        for ending in _BESIDE:
            beside = there.with_name(there.name + ending)
            with suppress(FileNotFoundError):
                if beside.stat().st_size:
                    raise Unsound(f"a {ending} file lies beside it, so it is in use, or was copied while it was")
        if not os.access(there, os.R_OK):
            raise Unread(Kind.NOT_FETCHED, "it may not be read by this user")
        path.symlink_to(there)  # so that nothing is ever written beside it
        return 0


class Session:
    """A context manager. `given` are sources that need no fetching; they are not closed.

    `fetched` counts bytes, `read` the backups that were fetched or opened. Raises CannotStart when made.
    """

    def __init__(
        self, files: Files, table: RowTable, progress: Progress, given: dict[Backup, RowSource] | None = None
    ) -> None:
        self._files, self._table, self._progress = files, table, progress
        self._given = given or {}
        self._open: dict[Backup, SqliteRows] = {}
        self._refused: dict[Backup, Unread] = {}
        folder = _private()
        self._folder = folder.path
        self._remove = weakref.finalize(self, folder.remove)
        self.fetched = self.read = 0

    def rows(self, backup: Backup) -> RowSource:
        """Raises Unread (the same again when asked again), and Enough."""
        if backup in self._given:
            return self._given[backup]
        if backup in self._refused:
            raise self._refused[backup]
        if backup not in self._open:
            try:
                self._open[backup] = self._opened(backup)
            except Unsound as error:
                self._refused[backup] = Unread(Kind.BROKEN, str(error))
            except Unread as error:
                self._refused[backup] = error
            if backup in self._refused:
                raise self._refused[backup]
        return self._open[backup]

    def broken(self, backup: Backup, reason: str) -> Unread:
        """What was opened and turned out to be damaged."""
        self._refused[backup] = Unread(Kind.BROKEN, reason)
        self.drop(backup)
        return self._refused[backup]

    def drop(self, backup: Backup) -> None:
        """Its copy is not needed any more."""
        if rows := self._open.pop(backup, None):
            rows.close()
            rows.path.unlink(missing_ok=True)

    def _opened(self, backup: Backup) -> SqliteRows:
        path = self._folder / f"{self.read}.sqlite"
        self.read += 1
        try:
            self.fetched += self._files.put(backup, path, self._progress)
            check_header(path)
            quick_check(path)
            rows = opened(path, self._table)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        rows.source, rows.as_of = f"backup {printable(backup.name)}", backup.at
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for backup in [*self._open]:
            self.drop(backup)
        self._remove()


def _private() -> PrivateFolder:
    try:
        return make_private_folder("trace")
    except OSError as error:
        raise CannotStart(f"no temporary folder can be made ({error.strerror}): set TMPDIR to one with room") from error


def opened(path: Path, table: RowTable) -> SqliteRows:
    """The rows of a private copy; an old one may lack columns, but not the table and its key. Raises Unsound."""

    def made(some: RowTable) -> SqliteRows:
        return SqliteRows(path, some, private_copy=True, source="it")

    try:
        if table.query is not None:
            return made(table)
        bare = made(replace(table, **dict.fromkeys(_OPTIONAL, "")))
        return made(replace(table, **dict.fromkeys(_lacking(bare, table), "")))
    except CannotStart as error:
        raise Unsound(str(error).partition(": ")[0]) from error
    except RowsFailed as error:
        raise Unsound(str(error)) from error


def _lacking(rows: SqliteRows, table: RowTable) -> list[str]:
    def is_there(column: str) -> bool:
        sql = f"SELECT t.{quoted(column)} FROM {quoted(table.name)} AS t LIMIT 0"  # noqa: S608 -- quoted
        return rows.select(sql) is not None

    return [name for name in _OPTIONAL if (column := getattr(table, name)) and not is_there(column)]
