"""A folder laid out as a bucket: the file at `a/b` is the object with the key `a/b`.

Symbolic links are never followed, neither to a file nor to a folder: what they lead to may lie outside, or be the
same file twice, and nobody could tell from the key. Empty folders are no objects.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from auditor.errors import CannotStart, ObjectChanged, ObjectGone, ObjectUnreadable
from auditor.frames import OBJECTS
from auditor.store.ahead import TABLE_ROWS
from auditor.store.base import ObjectFacts, StoredParts, UnfinishedUpload
from auditor.store.body import BUFFER, Body
from auditor.store.walk import Range, walk, what_it_is
from auditor.text import printable

_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FolderStore:
    """The folder at `root`, opened for reading alone. `requests` stays empty: nothing is asked of anybody."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.url = self.root.as_uri()
        self.bucket = self.root.name
        self.requests: Counter[str] = Counter()

    def clock(self) -> datetime:
        shown = repr(printable(str(self.root)))
        if not self.root.is_dir():
            raise CannotStart(f"There is no folder {shown}; check the path after file://.")
        if not os.access(self.root, os.R_OK | os.X_OK):
            raise CannotStart(f"The folder {shown} may not be read; ask for permission to read it.")
        return datetime.now(UTC)

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        wanted = Range(prefix.encode(), (after or "").encode(), None if until is None else until.encode())
        rows: list[tuple[bytes, int, int, str, str]] = []
        for key, status in walk(os.fsencode(self.root), wanted):
            rows.append((key, status.st_size, status.st_mtime_ns // 1000, _etag(status), "STANDARD"))
            if len(rows) == TABLE_ROWS:
                yield _table(rows)
                rows = []
        if rows:
            yield _table(rows)

    def head(self, key: str) -> ObjectFacts | None:
        status = self._status(key)
        if status is None:
            return None
        changed = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
        return ObjectFacts(key, status.st_size, changed, _etag(status), "STANDARD")

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, etag: str | None = None) -> Iterator[BinaryIO]:
        status = self._status(key)
        if status is None:
            raise ObjectGone(key)
        if etag is not None and _etag(status) != etag:
            raise ObjectChanged(key)
        try:
            file = io.FileIO(os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW))
        except FileNotFoundError as error:
            raise ObjectGone(key) from error
        except OSError as error:
            raise _unreadable(key, error) from error
        file.seek(start)
        left = max(0, status.st_size - start) if length is None else length
        with io.BufferedReader(Body(key, file, left, file.close), BUFFER) as stream:
            yield stream

    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        return iter(())

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        return None

    def close(self) -> None:
        return None

    def _path(self, key: str) -> Path:
        return self.root / key

    def _status(self, key: str) -> os.stat_result | None:
        """None when no file can have this key, or none has."""
        if any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key or not _encodable(key):
            return None
        path = self._path(key)
        try:
            if os.path.realpath(path.parent, strict=True) != str(path.parent):  # through a link: not below the folder
                return None
            status = path.lstat()
        except OSError as error:
            if error.errno in _NO_FILE:
                return None
            raise _unreadable(key, error) from error
        if stat.S_ISDIR(status.st_mode):
            return None
        kind = what_it_is(status)
        if kind is not None:
            raise ObjectUnreadable(key, f"it is {kind}", refused=True)
        return status


def _encodable(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _etag(status: os.stat_result) -> str:
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'


def _table(rows: list[tuple[bytes, int, int, str, str]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, OBJECTS, strict=True)], schema=OBJECTS
    )


def _unreadable(key: str, error: Exception) -> ObjectUnreadable:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return ObjectUnreadable(key, str(reason), refused=isinstance(error, PermissionError))
