"""Folders for what nobody else may read, which outlive not even a process that was killed.

A process that ends on its own removes its folders. One that is killed cannot, so each folder is locked (`flock` on the
folder itself) for as long as its process lives: the kernel lets go of the lock when the process is gone, however it
went, and the next audit or trace on this machine removes what nobody holds any more.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["asking", "backup", "copy", "drift", "pending", "trace"]
_OURS = re.compile(rf"auditor-(?:{'|'.join(get_args(Kind))})-[a-z0-9_]{{8}}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class PrivateFolder:
    """`path` (0700) is there until `remove` is called; then it must not be used any more."""

    path: Path
    _descriptor: int

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._descriptor)


def make_private_folder(kind: Kind, directory: Path | None = None) -> PrivateFolder:
    """A new one under `directory` (default: the system's folder for temporary files). Raises OSError."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"auditor-{kind}-", dir=directory))
        try:
            descriptor = os.open(path, _FOLDER)
        except FileNotFoundError:
            continue  # as below
        _locked(descriptor)  # where that cannot be, nobody else can lock it either, and so nobody takes it away
        if _is(path, descriptor):
            return PrivateFolder(path, descriptor)
        os.close(descriptor)  # somebody took it for abandoned before it was locked


@contextmanager
def private_folder(kind: Kind, directory: Path | None = None) -> Iterator[Path]:
    """The same for as long as the context lasts."""
    folder = make_private_folder(kind, directory)
    try:
        yield folder.path
    finally:
        folder.remove()


def remove_abandoned(directory: Path | None = None) -> list[Path]:
    """Removes this user's folders whose processes are gone, and says which those were."""
    try:
        entries = sorted(Path(directory or tempfile.gettempdir()).iterdir())
    except OSError:
        return []
    return [path for path in entries if _OURS.fullmatch(path.name) and _removed(path)]


def _removed(path: Path) -> bool:
    descriptor = _opened(path)
    if descriptor is None:
        return False
    try:
        if os.fstat(descriptor).st_uid != os.geteuid() or not _locked(descriptor):
            return False
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, _FOLDER)
    except OSError:
        return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by a living process, or of a file system without locks
        return False
    return True


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except OSError:
        return False
