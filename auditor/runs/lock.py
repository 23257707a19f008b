"""One audit of a bucket at a time in a folder of runs.

The lock is the kernel's (`flock`), so it is gone when its process is, even by `kill -9`: there is no stale lock to
break. The file is only there to have something to lock and to say who holds it; it goes with an audit that ends. So a
file that nobody holds was left by one that was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.errors import CannotStart
from auditor.runs.names import lock_name
from auditor.text import isoformat, printable

_POLL = 0.25  # seconds between two looks while waiting
_LARGEST = 4096  # bytes of a lock file that are read


@dataclass(frozen=True)
class Holder:
    """Who audits, as the lock file has it."""

    host: str
    pid: int
    since: str
    folder: str

    def __str__(self) -> str:
        return f"process {self.pid} on {printable(self.host)}, since {printable(self.since)}"


@contextmanager
def sole_audit(bucket: str, out: Path, wait: timedelta, note: Callable[[str], None]) -> Iterator[Holder | None]:
    """Holds the lock of the bucket in the folder that `out` will lie in; gives the holder before, if it was killed.

    Raises CannotStart when another audit holds it for longer than `wait`, or when no lock can be had.
    """
    path = out.parent / lock_name(bucket)
    descriptor = _waited(path, bucket, wait, note)
    try:
        killed = _read(descriptor)
        _write(
            descriptor,
            Holder(socket.gethostname(), os.getpid(), isoformat(datetime.now(UTC).replace(microsecond=0)), str(out)),
        )
        yield killed
    finally:
        with suppress(OSError):  # then the next audit takes this one for killed
            path.unlink()  # while it is held: whoever opened it meanwhile looks again
        os.close(descriptor)


def _waited(path: Path, bucket: str, wait: timedelta, note: Callable[[str], None]) -> int:
    until = time.monotonic() + wait.total_seconds()
    said = False
    while (descriptor := _taken(path)) is None:
        holder = _holder(path)
        if time.monotonic() >= until:
            raise CannotStart(
                f"another audit of {printable(bucket)} is under way ({holder or 'by a process that just began'}): "
                "let it end, or wait for it with --wait 2h"
            )
        if not said:
            note(f"waiting for another audit of {bucket} to end ({holder or 'by a process that just began'})")
            said = True
        time.sleep(_POLL)
    return descriptor


def _taken(path: Path) -> int | None:
    """The descriptor of the locked file; None when somebody else has it."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise CannotStart(
                f"{path} cannot be written ({error.strerror}), and without it two audits could overlap: "
                "name a folder of yours with --out"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise CannotStart(
                f"{path} cannot be locked ({error.strerror}), so two audits could overlap: "
                "name a folder on a file system with locks, such as a local disk, with --out"
            ) from error
        if _still_there(path, descriptor):
            return descriptor
        os.close(descriptor)  # its holder removed it between our opening and our locking


def _still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _write(descriptor: int, holder: Holder) -> None:
    with suppress(OSError):  # a full disk: the lock holds all the same, and nobody can be told whose it is
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _holder(path: Path) -> Holder | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Holder | None:
    """None for a file that says nothing, as it does while it is written."""
    try:
        said = json.loads(os.pread(descriptor, _LARGEST, 0))
        return Holder(str(said["host"]), int(said["pid"]), str(said["since"]), str(said["folder"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
