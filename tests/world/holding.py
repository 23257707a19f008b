"""Which keys a place can hold: S3 takes any, a file system and a gateway in front of one do not."""

from __future__ import annotations

import re
from collections.abc import Callable

Holds = Callable[[str, int], bool]  # of a key and its object's size in bytes

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 has no way to write
_LONGEST = 255  # bytes of a name in a folder


def anything(key: str, size: int) -> bool:
    return True


def file_system(key: str, size: int) -> bool:
    return all(part not in ("", ".", "..") and len(part.encode()) <= _LONGEST for part in key.split("/"))


def posix_gateway(key: str, size: int) -> bool:
    """versitygw: markers are folders, keys are written in XML as they are, and behind it is a file system."""
    marker = key.endswith("/") and size == 0
    return file_system(key.removesuffix("/") if marker else key, size) and not _CONTROL.search(key)
