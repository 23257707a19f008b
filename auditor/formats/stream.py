"""Exactly as many bytes as were asked for, from a stream that gives as many at a time as it likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from auditor.errors import ObjectUnreadable

CHUNK = 1 << 20  # bytes


class Exact:
    """The `size` bytes of an object, read once from their beginning.

    `taken` counts the bytes that were read. Raises ObjectUnreadable where the stream ends before `size`; what the
    stream raises passes through. Asking for more than `left` is the caller's fault.
    """

    def __init__(self, stream: BinaryIO, key: str, size: int) -> None:
        self._stream = stream
        self._key = key
        self._size = size
        self.taken = 0

    @property
    def left(self) -> int:
        return self._size - self.taken

    def read(self, count: int) -> bytes:
        """The next `count` bytes; they are all in memory at once."""
        data = self._stream.read(count)
        self._count(len(data), count)
        if len(data) == count:
            return data
        pieces = [data]
        while missing := count - sum(map(len, pieces)):
            pieces.append(self._stream.read(missing))
            self._count(len(pieces[-1]), missing)
        return b"".join(pieces)

    def pieces(self, count: int) -> Iterator[memoryview]:
        """The next `count` bytes, at most CHUNK at a time, in one buffer: good until the next is asked for."""
        buffer = memoryview(bytearray(min(CHUNK, count)))
        while count:
            piece = buffer[: min(count, CHUNK)]
            self._fill(piece)
            count -= len(piece)
            yield piece

    def _fill(self, view: memoryview) -> None:
        readinto = getattr(self._stream, "readinto", None)
        filled = 0
        while filled < len(view):
            if readinto is not None:
                came = readinto(view[filled:]) or 0
            else:
                data = self._stream.read(len(view) - filled)
                came = len(data)
                view[filled : filled + came] = data
            self._count(came, len(view) - filled)
            filled += came

    def _count(self, came: int, wanted: int) -> None:
        if wanted and not came:
            reason = f"its body ended after {self.taken:,} of {self._size:,} bytes"
            raise ObjectUnreadable(self._key, reason, refused=False)
        self.taken += came
