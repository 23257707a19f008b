"""One pass over a stream: a look at its beginning, then chunks of whole records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from auditor.errors import ObjectUnreadable

CHUNK = 1 << 20


class Reader:
    """Reads exactly `size` bytes, however few the stream gives at a time.

    Raises ObjectUnreadable where the stream ends early; what the stream raises passes through.
    """

    def __init__(self, stream: BinaryIO, key: str, size: int) -> None:
        self._stream = stream
        self._key = key
        self._size = size
        self._taken = 0  # bytes of the stream
        self._head = memoryview(b"")

    def peek(self, count: int) -> memoryview:
        """The first bytes, which `chunks` will give again; to be called once, before it."""
        self._head = memoryview(bytearray(min(count, self._size)))
        self._fill(self._head)
        return self._head

    def chunks(self, record_length: int) -> Iterator[memoryview]:
        """The whole object from its first byte: views of whole records, the last one with what is left over.

        One buffer serves them all: a view is good until the next is asked for.
        """
        length = min(max(1, CHUNK // record_length) * record_length, max(self._size, 1))
        buffer = memoryview(bytearray(length))
        for start in range(0, self._size, length):
            view = buffer[: min(length, self._size - start)]
            held = min(len(view), len(self._head))
            view[:held], self._head = self._head[:held], self._head[held:]
            self._fill(view[held:])
            yield view

    def _fill(self, view: memoryview) -> None:
        filled = 0
        while filled < len(view):
            count = self._read_into(view[filled:])
            if not count:
                reason = f"its body ended after {self._taken:,} of {self._size:,} bytes"
                raise ObjectUnreadable(self._key, reason, refused=False)
            filled += count
            self._taken += count

    def _read_into(self, view: memoryview) -> int | None:
        readinto = getattr(self._stream, "readinto", None)
        if readinto is not None:
            count: int | None = readinto(view)
            return count
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)
