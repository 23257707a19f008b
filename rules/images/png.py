"""PNG from the first byte to the last: chunk by chunk with their CRCs, and the pixels' own checksum.

Source of the format: PNG (Third Edition), W3C. What stands after IEND is nobody's business and harms no reader.
"""

from __future__ import annotations

import struct
import zlib

from rules.reading import PIECE, Source

CHUNKS = 200_000  # a picture of 1 GB in pieces of 8 KB has fewer
PIXELS = 100_000_000  # beyond it the CRCs are believed, so that no file costs more than about a second of inflating

_SIGNATURE = 8
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_PASSES = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))  # Adam7


def damage(source: Source) -> str | None:
    """What is wrong, as the end of "the PNG …"; None where all is well."""
    source.skip(_SIGNATURE)
    pixels: _Pixels | None = None
    for number in range(CHUNKS):
        at = source.position
        length, kind = _beginning(source)
        said = _order(number, length, kind, source.left, at)
        if said:
            return said
        if kind == b"IHDR":
            pixels = _Pixels(source.peek(13))
        said = _chunk(source, length, kind, pixels)
        if said:
            return f"{said} (the {kind.decode()} chunk at byte {at:,})"
        if kind == b"IEND":
            return pixels.missing() if pixels else None
    return f"has more than {CHUNKS:,} chunks"


def _beginning(source: Source) -> tuple[int, bytes]:
    head = source.take(8).ljust(8, b"\0")
    return int.from_bytes(head[:4], "big"), head[4:]


def _order(number: int, length: int, kind: bytes, left: int, at: int) -> str | None:
    """What is wrong with a chunk by its first eight bytes; `left` is what stands behind them."""
    if left < 4:
        return f"ends behind byte {at:,} without its IEND chunk: it was cut off"
    if not kind.isalpha():
        return f"has no chunk at byte {at:,}, where one should begin"
    name = kind.decode()
    if left < length + 4:
        return f"is cut off in the {name} chunk at byte {at:,}: {length + 4 - left:,} bytes are missing"
    if (number == 0) != (kind == b"IHDR") or (kind == b"IHDR" and length != 13):
        return f"has {name} of {length:,} bytes as chunk {number + 1}; expected IHDR of 13 bytes first, and once"
    return None


def _chunk(source: Source, length: int, kind: bytes, pixels: _Pixels | None) -> str | None:
    crc = zlib.crc32(kind)
    broken = None
    for start in range(0, length, PIECE):
        piece = source.take(min(PIECE, length - start))
        crc = zlib.crc32(piece, crc)
        if kind == b"IDAT" and pixels and not broken:
            broken = pixels.feed(piece)
    stated = struct.unpack(">I", source.take(4))[0]
    return f"has a chunk with CRC {stated:08x}, and its bytes have {crc:08x}" if stated != crc else broken


class _Pixels:
    """Inflates the picture and throws it away, never more of it than its header announces."""

    def __init__(self, header: bytes) -> None:
        self._expected = _raw_bytes(*struct.unpack(">IIBBxxB", header))
        self._inflated = 0
        self._decoder = zlib.decompressobj()

    def feed(self, piece: bytes) -> str | None:
        if self._expected is None:
            return None
        try:
            while piece and self._inflated < self._expected:
                self._inflated += len(self._decoder.decompress(piece, min(16 * PIECE, self._expected - self._inflated)))
                piece = self._decoder.unconsumed_tail
        except zlib.error:
            return "has pixels that cannot be inflated"
        return None

    def missing(self) -> str | None:
        if self._expected is None or self._inflated >= self._expected:
            return None
        return f"has {self._inflated:,} bytes of pixels; expected {self._expected:,}, by its header"


def _raw_bytes(width: int, height: int, depth: int, colour: int, interlace: int) -> int | None:
    """Bytes of all lines before compression, each with its filter's byte; None for what is not counted."""
    channels = _CHANNELS.get(colour)
    if not channels or not width * height or width * height > PIXELS:
        return None
    bits = depth * channels
    if interlace != 1:
        return height * (1 + (width * bits + 7) // 8)
    sizes = (((width - x + dx - 1) // dx, (height - y + dy - 1) // dy) for x, dx, y, dy in _PASSES)
    return sum(lines * (1 + (columns * bits + 7) // 8) for columns, lines in sizes if columns > 0 and lines > 0)
