"""An object's bytes as a parser wants them: exactly as many as it asks for, in memory that does not grow."""

from __future__ import annotations

from typing import BinaryIO

from auditor.errors import ObjectUnreadable

PIECE = 1 << 16


class Source:
    """The `size` bytes of a stream, from the first to the last.

    Every method raises ObjectUnreadable where the stream ends before `size` bytes: a body that breaks off on its way
    is no property of the object. What the stream raises passes through.
    """

    def __init__(self, stream: BinaryIO, key: str, size: int) -> None:
        self._stream = stream
        self._key = key
        self._size = size
        self._read = 0
        self._held = b""  # read already, and given back

    @property
    def position(self) -> int:
        """How many bytes were taken."""
        return self._read - len(self._held)

    @property
    def left(self) -> int:
        return self._size - self.position

    def take(self, count: int) -> bytes:
        """The next `count` bytes; fewer only where the object has no more."""
        wanted = min(count, self.left)
        held, self._held = self._held[:wanted], self._held[wanted:]
        if len(held) == wanted:
            return held
        pieces = [held]
        missing = wanted - len(held)
        while missing:
            piece = self._stream.read(min(missing, 16 * PIECE))
            if not piece:
                reason = f"its body ended after {self._read:,} of {self._size:,} bytes"
                raise ObjectUnreadable(self._key, reason, refused=False)
            pieces.append(piece)
            missing -= len(piece)
            self._read += len(piece)
        return b"".join(pieces)

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, which will come again."""
        data = self.take(count)
        self.give_back(data)
        return data

    def skip(self, count: int) -> None:
        """Lets `count` bytes pass, or as many as there are."""
        rest = min(count, self.left)
        while rest:
            rest -= len(self.take(min(PIECE, rest)))

    def give_back(self, data: bytes) -> None:
        """What was taken last, to be taken again."""
        self._held = data + self._held
