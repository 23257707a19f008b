"""Width and height in pixels, from the first bytes alone: Pillow wants a whole WebP before it says a word."""

from __future__ import annotations

import struct
from collections.abc import Callable

from rules.images.signatures import Kind

Size = tuple[int, int]


def size_of(kind: Kind, head: bytes) -> Size | None:
    """None where the head does not say: too short, or the size lies elsewhere. For JPEG see `rules.images.jpeg`.

    >>> size_of(Kind.GIF, b"GIF89a" + bytes((10, 0, 20, 0)))
    (10, 20)
    """
    reader = _READERS.get(kind)
    try:
        return reader(head) if reader else None
    except (struct.error, IndexError):
        return None


def _png(head: bytes) -> Size | None:
    if head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def _gif(head: bytes) -> Size:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def _bmp(head: bytes) -> Size | None:
    """A negative height says that the lines run downwards. OS/2's twelve-byte header is older than any service."""
    if struct.unpack_from("<I", head, 14)[0] < 40:
        return None
    width, height = struct.unpack_from("<ii", head, 18)
    return width, abs(height)


def _webp(head: bytes) -> Size | None:
    """The canvas where there is one; else the only frame's own size (RFC 9649)."""
    form, body = head[12:16], head[20:]
    if form == b"VP8X":
        (low, high, lines) = struct.unpack_from("<HBH", body, 4)
        return (low | high << 16) + 1, (lines | body[9] << 16) + 1
    if form == b"VP8L" and body[0] == 0x2F:
        bits = struct.unpack_from("<I", body, 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


_READERS: dict[Kind, Callable[[bytes], Size | None]] = {
    Kind.PNG: _png,
    Kind.GIF: _gif,
    Kind.BMP: _bmp,
    Kind.WEBP: _webp,
}
