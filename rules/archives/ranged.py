"""An object as a file that can be sought in, made of its end and of what is fetched when it is asked for."""

from __future__ import annotations

import io
from collections.abc import Callable

MOST_FETCHED = 1 << 20  # bytes, all in all


class TooMuch(Exception):
    """More was asked for than a sound archive needs."""


class RangedFile(io.RawIOBase):
    """`tail` are the object's last bytes; `fetch(start, length)` gives any others."""

    def __init__(self, size: int, tail: bytes, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._tail = tail
        self._fetch = fetch
        self._at = 0
        self._left = MOST_FETCHED

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")  # what zipfile expects of a file
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        length = left if size < 0 else min(size, left)
        start, self._at = self._at, self._at + length
        first = self._size - len(self._tail)
        if start >= first:
            return self._tail[start - first : start - first + length]
        missing = min(length, first - start)
        if missing > self._left:
            raise TooMuch
        self._left -= missing
        return self._fetch(start, missing) + self._tail[: length - missing]
