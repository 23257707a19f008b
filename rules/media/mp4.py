"""MP4: which boxes are there, whether they fill the object, and which of `moov` and `mdat` comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rules.media import movie
from rules.media.boxes import Box, Broken, Reader, Walk
from rules.reading import Source

BOXES = 10_000  # of the first level; an hour in fragments of a second has 7,200
_FETCHES = 8
_AHEAD = 64  # bytes: a box's header, and the whole of a small box (free) with the header behind it


@dataclass(frozen=True)
class Outline:
    """The boxes of the first level; `done` where they are all."""

    boxes: list[Box]
    done: bool

    def has(self, kind: bytes) -> bool:
        return any(box.kind == kind for box in self.boxes)

    def missing(self) -> str | None:
        """What an MP4 cannot do without, as the end of "the MP4 …"."""
        if not self.done:
            return None
        if not self.has(b"moov"):
            return "has no moov box: nothing says what its samples are"
        return None if self.has(b"mdat") else "has no mdat box: there are no samples"

    def late(self) -> int | None:
        """Where `moov` begins, if all of `mdat` stands before it."""
        order = [box for box in self.boxes if box.kind in (b"moov", b"mdat")]
        if not order or order[0].kind == b"moov":
            return None
        return next((box.start for box in order if box.kind == b"moov"), None)


def outline(head: bytes, fetch: Callable[[int, int], bytes], length: int) -> Outline:
    """By the first bytes and a few requests more: one behind `moov`, one behind `mdat`. Raises Broken."""
    return _outline(_Leaps(head, fetch, length).read, length)


def whole(source: Source) -> Outline:
    """By every byte, with a look inside `moov`. Raises Broken."""
    length = source.left
    return _outline(_Stream(source, length).read, length)


def _outline(read: Reader, length: int) -> Outline:
    walk = Walk(read, 0, length, BOXES, padded=True)
    if len(walk.boxes) == BOXES:
        raise Broken(f"has more than {BOXES:,} boxes")
    return Outline(walk.boxes, walk.done)


class _Leaps:
    def __init__(self, head: bytes, fetch: Callable[[int, int], bytes], length: int) -> None:
        self._head, self._start = head, 0
        self._fetch = fetch
        self._length = length
        self._fetches = 0

    def read(self, at: int, count: int) -> bytes | None:
        if not self._start <= at or at + count > self._start + len(self._head):
            if self._fetches == _FETCHES:
                return None
            self._fetches += 1
            self._start, self._head = at, self._fetch(at, min(_AHEAD, self._length - at))
        return self._head[at - self._start : at - self._start + count]


class _Stream:
    """Reads on to each box, and looks inside `moov` when it comes by."""

    def __init__(self, source: Source, length: int) -> None:
        self._source = source
        self._length = length

    def read(self, at: int, count: int) -> bytes:
        self._source.skip(at - self._source.position)
        head = self._source.peek(count)
        if head[4:8] == b"moov":
            box = Walk(lambda start, most: head[:most], at, self._length, 1).boxes[0]
            if box.end - at <= movie.BYTES:
                movie.check(self._source.take(box.end - at), at, self._length)
        return head
