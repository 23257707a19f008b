"""A backup of a Redis database, chunk by chunk: what the service's backup job writes.

    backup = { chunk } ;
    chunk  = key length, key, dump length, dump ;

Lengths are unsigned 32-bit big-endian numbers of bytes. A dump is what Redis's DUMP returns: a value, then the RDB
version (16-bit little-endian) and the CRC-64 (little-endian, the polynomial of Jones, over everything before it, the
version included). Sources: the key specification's entry for backups of redis; https://redis.io/commands/dump.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

import anycrc

from auditor.formats.stream import Exact

KEPT_KEY = 1 << 16  # bytes; a longer key is hashed and forgotten
AT_ONCE = 1 << 16  # bytes; a longer dump is read in pieces
LEAST_DUMP = 11  # a type byte, at least nothing, and the footer
VERSIONS = range(6, 256)  # DUMP came with RDB version 6 (Redis 2.6); the byte above has never been used

_LENGTH = struct.Struct(">I")
_FOOTER = struct.Struct("<HQ")
FOOTER_BYTES = _FOOTER.size
crc64 = anycrc.Model("CRC64-REDIS").calc  # (data, the CRC of what came before) -> the CRC of both


class BrokenChunk(Exception):
    """The chunks cannot be followed any further. `offset` is where in the file the fault lies."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


class Chunk(NamedTuple):
    """One key with its dump. `offset` and `dump_offset` are from the file's beginning, lengths are bytes."""

    offset: int
    key: bytes | None  # None for one that is longer than KEPT_KEY
    key_digest: bytes  # 8 bytes, the same for the same key
    dump_offset: int
    dump_length: int
    version: int  # RDB version of the footer
    stored: int  # the footer's CRC-64
    computed: int  # the CRC-64 of what is there

    @property
    def fault(self) -> str | None:
        """What is wrong with the dump, and what was expected."""
        if self.computed != self.stored:
            return f"has the CRC-64 {self.computed:016x}; expected {self.stored:016x}, as its footer says"
        return _version_fault(self.version)


def version_fault(footer: bytes) -> str | None:
    """What is wrong with the version in the last FOOTER_BYTES of a dump."""
    return _version_fault(_FOOTER.unpack(footer)[0])


def _version_fault(version: int) -> str | None:
    if version in VERSIONS:
        return None
    return f"has the RDB version {version} in its footer; expected {VERSIONS.start} to {VERSIONS.stop - 1}"


Sink = Callable[[bytes], BinaryIO | None]


def nowhere(key: bytes) -> None:
    return None


def chunks(body: Exact, sink: Sink = nowhere) -> Iterator[Chunk]:
    """Every chunk in order. An empty file has none, and is whole.

    `sink` is asked for each key (but those that are too long to be kept) where its dump is to be written, which is
    then done up to the CRC; whether the CRC is right is known afterwards. What is in memory is bounded, whatever the
    lengths say. Raises BrokenChunk where a length does not fit what is left of the file, and ObjectUnreadable where the
    stream ends early.
    """
    while body.left:
        yield _chunk(body, sink)


def _chunk(body: Exact, sink: Sink) -> Chunk:
    offset = body.taken
    key, digest = _key(body, _length(body, "key", 0, _LENGTH.size + LEAST_DUMP))
    length = _length(body, "dump", LEAST_DUMP, 0)
    dump_offset = body.taken
    target = sink(key) if key is not None else None
    read = _at_once(body, length) if length <= AT_ONCE and target is None else _streamed(body, length, target)
    return Chunk(offset, key, digest, dump_offset, length, *read)


def _length(body: Exact, what: str, least: int, behind: int) -> int:
    """The length of the next part, which must leave `behind` bytes for what has to follow it."""
    at, left = body.taken, body.left - _LENGTH.size
    if left < 0:
        raise BrokenChunk(at, f"only {body.left} bytes are left; expected a {what} length of 4 bytes")
    (length,) = _LENGTH.unpack(body.read(_LENGTH.size))
    if length < least:
        raise BrokenChunk(at, f"a dump of {length} bytes is announced; expected {least} or more")
    if length + behind > left:
        room = max(left - behind, 0)
        raise BrokenChunk(at, f"a {what} of {length:,} bytes is announced; expected {room:,} or less, by what is left")
    return int(length)


def _key(body: Exact, length: int) -> tuple[bytes | None, bytes]:
    if length <= KEPT_KEY:
        key = body.read(length)
        return key, blake2b(key, digest_size=8).digest()
    digest = blake2b(digest_size=8)
    for piece in body.pieces(length):
        digest.update(piece)
    return None, digest.digest()


def _at_once(body: Exact, length: int) -> tuple[int, int, int]:
    """Version, stored and computed CRC of a dump."""
    dump = memoryview(body.read(length))
    version, stored = _FOOTER.unpack(dump[-_FOOTER.size :])
    return version, stored, crc64(dump[:-8])


def _streamed(body: Exact, length: int, target: BinaryIO | None) -> tuple[int, int, int]:
    value, tail = 0, b""
    for piece in body.pieces(length - 8):
        value = crc64(piece, value)
        tail = (tail + bytes(piece[-2:]))[-2:]
        if target is not None:
            target.write(piece)
    version, stored = _FOOTER.unpack(tail + body.read(8))
    return version, stored, value
