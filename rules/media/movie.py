"""Inside `moov`: boxes that fill each other, at least one track, and chunks of samples that lie within the file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from rules.media.boxes import Box, Broken, Reader, Walk

BYTES = 16 << 20  # an hour of film has about 2 MB
BOXES = 20_000  # of one level

_WITHIN = {b"moov": b"trak", b"trak": b"mdia", b"mdia": b"minf", b"minf": b"stbl"}
_OFFSETS: dict[bytes, np.dtype[Any]] = {b"stco": np.dtype(">u4"), b"co64": np.dtype(">u8")}


def check(moov: bytes, start: int, length: int) -> None:
    """Raises Broken. `moov` is the box with its header, which begins at `start` in a file of `length` bytes."""

    def read(at: int, count: int) -> bytes:
        return moov[at - start : at - start + count]

    outer = Walk(read, start, start + len(moov), 1).boxes[0]
    kinds = [box.kind for box in _children(read, outer)]
    if b"mvhd" not in kinds:
        raise Broken("has no mvhd box in its moov box")
    if b"trak" not in kinds:
        raise Broken("has no track")
    for tables in _descendants(read, outer):
        _check_offsets(moov, tables, start, length)


def _children(read: Reader, box: Box) -> list[Box]:
    walk = Walk(read, box.body, box.end, BOXES)
    if not walk.done:
        raise Broken(f"has more than {BOXES:,} boxes in its {box.kind.decode('latin-1')} box at byte {box.start:,}")
    return walk.boxes


def _descendants(read: Reader, box: Box) -> Iterator[Box]:
    """The boxes of all sample tables; five levels, whatever the file says."""
    wanted = _WITHIN.get(box.kind)
    for child in _children(read, box):
        if wanted is None:
            yield child
        elif child.kind == wanted:
            yield from _descendants(read, child)


def _check_offsets(moov: bytes, box: Box, start: int, length: int) -> None:
    width = _OFFSETS.get(box.kind)
    if width is None:
        return
    body = moov[box.body - start : box.end - start]
    count = struct.unpack_from(">I", body, 4)[0] if len(body) >= 8 else -1
    if count < 0 or 8 + count * width.itemsize > len(body):
        raise Broken(f"has a {box.kind.decode()} box at byte {box.start:,} that is too short for its own entries")
    offsets = np.frombuffer(body, width, count, 8)
    if count and int(offsets.max()) >= length:
        raise Broken(f"has samples at byte {int(offsets.max()):,}, and the file ends at byte {length:,}")
