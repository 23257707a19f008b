"""One object of the store into one private file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import BinaryIO

from auditor.errors import CannotStart, ObjectUnreadable
from auditor.formats.private_copy import create
from auditor.progress import Progress
from auditor.store.base import Store
from auditor.text import human_bytes, printable

_CHUNK = 1 << 20
_ATTEMPTS = 3


def download(store: Store, key: str, size: int, target: Path, progress: Progress) -> int:
    """Writes the object into `target`, which must not exist yet (0600), and returns how many bytes came.

    A transport that fails half way is asked again for the rest. Raises ObjectGone, ObjectUnreadable, and CannotStart
    when the disk has no room.
    """
    _check_room(target.parent, key, size)
    progress.stage(f"downloading {printable(key)}", size)
    with create(target) as file:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                _copy(store, key, file, progress)
                break
            except ObjectUnreadable as error:
                if error.refused or attempt == _ATTEMPTS:
                    raise
    return target.stat().st_size


def _copy(store: Store, key: str, file: BinaryIO, progress: Progress) -> None:
    with store.open(key, start=file.tell()) as stream:
        while chunk := stream.read(_CHUNK):
            _write(file, chunk)
            progress.advance(len(chunk))


def _write(file: BinaryIO, chunk: bytes) -> None:
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise CannotStart(
            f"the backup could not be written to disk ({error.strerror}): make room, or set TMPDIR to a larger disk"
        ) from error


def _check_room(folder: Path, key: str, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise CannotStart(
            f"backup {printable(key)} takes {human_bytes(size)} and {folder.parent} has {human_bytes(free)} free: "
            "make room, or set TMPDIR to a larger disk"
        )
