"""The boxes of an ISO base media file (MP4, QuickTime), level by level. Source: ISO/IEC 14496-12, section 4.2."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

Reader = Callable[[int, int], bytes | None]  # the bytes at a place; fewer at the end, None where it has no more

HEADER = 16  # bytes that hold any box's size and type
_ENDLESS, _LARGE = 0, 1


@dataclass(frozen=True)
class Box:
    kind: bytes
    start: int
    end: int  # where the next one begins
    body: int  # where its contents begin


class Broken(Exception):
    """A box that cannot be: the message is the end of "the MP4 …"."""


def box_at(head: bytes, start: int, end: int) -> Box:
    """The box whose first bytes (16, or all that are left) are `head`, within what ends at `end`.

    >>> box_at(bytes((0, 0, 0, 24)) + b"ftypisom", 0, 100)
    Box(kind=b'ftyp', start=0, end=24, body=8)
    """
    if len(head) < 8:
        raise Broken(f"has {end - start} bytes at byte {start:,} that are no box")
    size, kind = struct.unpack_from(">I4s", head)
    body = 8
    if size == _LARGE and len(head) >= HEADER:
        (size,), body = struct.unpack_from(">Q", head, 8), 16
    elif size == _ENDLESS:
        size = end - start
    if size < body or not _is_type(kind):
        raise Broken(f"has no sound box at byte {start:,}")
    if start + size > end:
        raise Broken(
            f"is cut off, or a size in it is wrong: its {kind.decode('latin-1')} box at byte {start:,} has {size:,}"
            f" bytes, and {end - start:,} are left"
        )
    return Box(kind, start, start + size, start + body)


def _is_type(kind: bytes) -> bool:
    """Four printable characters; QuickTime's own begin with a copyright sign."""
    return all(0x20 <= code < 0x7F or code == 0xA9 for code in kind)


class Walk:
    """Goes over the boxes of one level, at most `limit`. `done` says that it came to their end.

    With `padded`, zeros behind the last box are its end: some writers round a file up.
    """

    def __init__(self, read: Reader, start: int, end: int, limit: int, padded: bool = False) -> None:
        self.boxes: list[Box] = []
        self.done = False
        while start < end and len(self.boxes) < limit:
            head = read(start, min(HEADER, end - start))
            if head is None:
                return
            if padded and self.boxes and not any(head):
                break
            self.boxes.append(box_at(head, start, end))
            start = self.boxes[-1].end
        self.done = start >= end or len(self.boxes) < limit
