"""WebP by its RIFF chunks: lengths that fit into each other, and a picture among them. Source: RFC 9649.

A WebP has no checksum: what changed within a chunk's data is for the decoder to find, and it finds only some of it.
"""

from __future__ import annotations

import struct

from rules.reading import Source

CHUNKS = 100_000  # an animation has one for each frame

_PICTURES = frozenset({b"VP8 ", b"VP8L", b"ANMF"})


def cut_off(head: bytes, length: int) -> str | None:
    """Whether the header announces more bytes than the object has: the end of "the WebP …"."""
    stated = 8 + int.from_bytes(head[4:8], "little")
    if stated <= length:
        return None
    return f"is cut off: its header announces {stated:,} bytes, and there are {length:,}"


def damage(source: Source) -> str | None:
    """What is wrong, as the end of "the WebP …"; None where all is well. What stands after the end is not looked at."""
    head = source.take(12)
    said = cut_off(head, len(head) + source.left)
    if said:
        return said
    end = 8 + int.from_bytes(head[4:8], "little")
    pictures = 0
    for _ in range(CHUNKS):
        at = source.position
        if at >= end:
            return None if pictures else "has no picture among its chunks"
        if end - at < 8:
            return f"has {end - at} bytes at byte {at:,} that are no chunk"
        kind, length = struct.unpack("<4sI", source.take(8))
        if length > end - at - 8 or not (kind.isascii() and kind.decode().isprintable()):
            return f"has no sound chunk at byte {at:,}"
        pictures += kind in _PICTURES
        source.skip(length + length % 2)
    return f"has more than {CHUNKS:,} chunks"
