"""Bytes of an object in a file that nobody else may read, for as long as they are looked at."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from auditor.errors import ObjectUnreadable
from auditor.formats.private_folder import private_folder
from auditor.formats.stream import Exact
from auditor.text import human_bytes

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_copies = threading.Condition()
_there = 0  # copies that are on the disk now, of all threads


def create(path: Path) -> BinaryIO:
    """A new file (0600) to write to; fails where there is one, or a link."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


@contextmanager
def private_copy(key: str, head: bytes, body: Exact) -> Iterator[Path]:
    """A file with `head` and what is left of `body`, in a folder of its own (0700) that goes with the context.

    Waits for other copies to go where the disk has no room for all at once. Raises ObjectUnreadable where it has none
    even for this one, and what `body` raises.
    """
    size = len(head) + body.left
    with private_folder("copy") as folder:
        path = folder / "copy"
        with create(path) as file, _room(key, file, size):
            try:
                file.write(head)
                for piece in body.pieces(body.left):
                    file.write(piece)
                file.flush()
            except OSError as error:
                raise _no_room(key, size, error) from error
            yield path


@contextmanager
def _room(key: str, file: BinaryIO, size: int) -> Iterator[None]:
    """Takes the room on the disk before anything is read, so that copies side by side do not fill it half way."""
    global _there  # noqa: PLW0603 - one disk for all threads
    with _copies:
        while not _taken(key, file, size, wait=_there > 0):
            _copies.wait()
        _there += 1
    try:
        yield
    finally:
        os.ftruncate(file.fileno(), 0)  # whoever waits for the room finds it
        with _copies:
            _there -= 1
            _copies.notify_all()


def _taken(key: str, file: BinaryIO, size: int, *, wait: bool) -> bool:
    if not size or not hasattr(os, "posix_fallocate"):
        return True
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        if error.errno in _FULL:
            os.ftruncate(file.fileno(), 0)
            if not wait:
                raise _no_room(key, size, error) from error
        return error.errno not in _FULL  # a file system that cannot promise room may have it all the same
    return True


def _no_room(key: str, size: int, error: OSError) -> ObjectUnreadable:
    where = tempfile.gettempdir()
    reason = (
        f"its private copy of {human_bytes(size)} could not be written to {where} ({error.strerror}): "
        "make room, or set TMPDIR to a larger disk"
    )
    return ObjectUnreadable(key, reason, refused=False)
