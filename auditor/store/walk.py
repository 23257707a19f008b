"""The files below a folder as keys, in the order in which S3 would list them.

Across a whole tree that is not the order of names level by level: `a-b` lies before `a/c`, because `-` sorts before
`/`. Comparing every folder's name with its slash gives the order of the keys, at the price of one level in memory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.errors import ListingFailed
from auditor.text import printable


@dataclass(frozen=True)
class Range:
    """Keys that begin with `prefix` and lie in (after, until], as UTF-8."""

    prefix: bytes = b""
    after: bytes = b""
    until: bytes | None = None

    def holds(self, key: bytes) -> bool:
        return key.startswith(self.prefix) and key > self.after and not self.is_behind(key)

    def may_hold_below(self, folder: bytes) -> bool:
        """Whether a key that begins with `folder` (which ends in a slash) may be in the range."""
        on_the_way = folder.startswith(self.prefix) or self.prefix.startswith(folder)
        return on_the_way and (folder > self.after or self.after.startswith(folder)) and not self.is_behind(folder)

    def is_behind(self, key: bytes) -> bool:
        return self.until is not None and key > self.until


def walk(root: bytes, wanted: Range) -> Iterator[tuple[bytes, os.stat_result]]:
    """Keys and what the file system says about their files.

    A file that vanishes meanwhile is left out. Raises ListingFailed at the first thing that has a name but can be no
    object (a symbolic link, a device, a name that is not UTF-8) and at a folder that may not be read: passing over it
    would make its row look as if its object were gone.
    """
    levels = [_level(root, b"", wanted)]
    while levels:
        key = next(levels[-1], None)
        if key is None:
            levels.pop()
        elif key.endswith(b"/"):
            levels.append(_level(root, key, wanted))
        elif (status := _status(root, key)) is not None:
            yield key, status


def _level(root: bytes, folder: bytes, wanted: Range) -> Iterator[bytes]:
    """Keys of one folder that are wanted or may lead to such, sorted; those of folders end in a slash."""
    names = []
    try:
        with os.scandir(os.path.join(root, folder)) as entries:  # noqa: PTH118 - bytes, which pathlib does not take
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                key = folder + entry.name + (b"/" if is_folder else b"")
                if wanted.may_hold_below(key) if is_folder else wanted.holds(key):
                    names.append(_utf8(key))
    except (FileNotFoundError, NotADirectoryError):
        if not folder:
            raise ListingFailed("The folder is no longer there.") from None
    except OSError as error:
        raise ListingFailed(f"{_shown(folder)} cannot be read ({error.strerror}); make it readable.") from error
    return iter(sorted(names))


def _status(root: bytes, key: bytes) -> os.stat_result | None:
    try:
        status = os.lstat(os.path.join(root, key))  # noqa: PTH118
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ListingFailed(f"{_shown(key)} cannot be looked at ({error.strerror}).") from error
    kind = what_it_is(status)
    if kind is not None:
        raise ListingFailed(f"{_shown(key)} is {kind}, which can be no object; move it out of the folder.")
    return status


def what_it_is(status: os.stat_result) -> str | None:
    """None for a regular file."""

    if stat.S_ISREG(status.st_mode):
        return None
    return "a symbolic link" if stat.S_ISLNK(status.st_mode) else "neither a file nor a folder"


def _utf8(key: bytes) -> bytes:
    try:
        key.decode()
    except UnicodeDecodeError:
        raise ListingFailed(f"The name {key!r} is not UTF-8, so it can be no key; rename it.") from None
    return key


def _shown(key: bytes) -> str:
    return repr(printable(key.decode(errors="backslashreplace"))) if key else "The folder"
