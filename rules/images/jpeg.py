"""JPEG by its markers: the size in pixels from the first frame header, and the way from the first marker to the last.

Source of the format: ITU-T T.81, annex B. A JPEG has no checksum: what changed within the compressed picture without
making a marker of it cannot be seen here, and most of it not even by a decoder.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rules.reading import PIECE, Source

SEGMENTS = 20_000  # a progressive picture with profiles and comments has some dozens

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a segment
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in compressed data, whatever is neither stuffing nor a restart

_AHEAD = 512  # bytes for the beginning of a segment and what stands behind a long one
_FETCHES = 8

Size = tuple[int, int]


def size_of(head: bytes, fetch: Callable[[int, int], bytes], length: int) -> Size | None:
    """Width and height of a JPEG of `length` bytes whose first are `head`; None where a few requests do not find them.

    Long segments (Exif, colour profiles) may stand before the frame header; they are leapt over, not read.
    """
    at, start, fetches = 2, 0, 0
    while at + 10 <= length:
        if at - start + 10 > len(head):
            if fetches == _FETCHES:
                return None
            start, head, fetches = at, fetch(at, min(_AHEAD, length - at)), fetches + 1
        here = head[at - start : at - start + 10]
        if len(here) < 10 or here[0] != 0xFF or here[1] in (_EOI, _SOS):
            return None
        if here[1] in _FRAMES:
            return int.from_bytes(here[7:9], "big"), int.from_bytes(here[5:7], "big")
        at += _step(here)
    return None


def _step(here: bytes) -> int:
    """From one marker to the next; fill bytes may stand between them."""
    if here[1] == 0xFF:
        return 1
    return 2 if here[1] in _ALONE else 2 + max(2, int.from_bytes(here[2:4], "big"))


def damage(source: Source) -> str | None:
    """What is wrong, as the end of "the JPEG …"; None where all is well. What stands after the end is not looked at."""
    source.skip(2)
    frames = scans = 0
    for _ in range(SEGMENTS):
        at = source.position
        marker = _marker(source)
        if marker is None:
            return f"has no marker at byte {at:,}, where one should be" if source.left else _cut_off(at)
        if marker == _EOI:
            return None if frames and scans else "has no picture between its first marker and its last"
        if marker in _ALONE:
            continue
        said = _segment(source, marker, at)
        if said:
            return said
        frames += marker in _FRAMES
        if marker == _SOS:
            scans += 1
            _compressed(source)
    return f"has more than {SEGMENTS:,} segments"


def _marker(source: Source) -> int | None:
    """The next marker's code; None where there is none."""
    if source.take(1) != b"\xff":
        return None
    code = source.take(1)
    while code == b"\xff":
        code = source.take(1)
    return code[0] if code and code != b"\0" else None


def _segment(source: Source, marker: int, at: int) -> str | None:
    if source.left < 2:
        return _cut_off(at + 2)
    length = int.from_bytes(source.take(2), "big") - 2
    if length < 0 or marker == _SOI:
        return f"has no sound segment at byte {at:,} (marker FF{marker:02X})"
    if source.left < length:
        return f"is cut off in the segment FF{marker:02X} at byte {at:,}: {length - source.left:,} bytes are missing"
    source.skip(length)
    return None


def _compressed(source: Source) -> None:
    """Stops at the next marker, or at the end."""
    while source.left:
        piece = source.take(PIECE)
        found = _MARKER.search(piece)
        if found:
            source.give_back(piece[found.start() :])
            return
        if piece.endswith(b"\xff") and source.left:
            source.give_back(piece[-1:])


def _cut_off(at: int) -> str:
    return f"ends at byte {at:,} without its end-of-image marker: it was cut off"
