"""The members of an archive, unpacked in one pass over its bytes and thrown away."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

import anycrc

from auditor.formats.stream import Exact
from rules.archives.directory import DEFLATED, LOCAL_HEADER, Member

OUTPUT = 1 << 20  # bytes that are unpacked at once
_HEADER = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
_crc32 = anycrc.Model("CRC32").calc  # three times as fast as zlib's, which matters beside a SHA-512


def check_members(members: Sequence[Member], body: Exact, digest: Callable[[memoryview], object]) -> Iterator[str]:
    """What is wrong with each member, as the end of a sentence that begins "The archive …".

    Reads `body` to its end and gives every byte to `digest`.
    """
    for member in members:
        _pass(body, member.offset - body.taken, digest)
        end = body.taken + LOCAL_HEADER + len(member.raw_name) + member.compressed
        fault = _header_fault(member, body, digest)
        if fault is None:
            end = body.taken + member.compressed
            fault = _Data(member).fault(body, digest)
        if fault:
            yield f"holds {member.shown}, {fault}"
        _pass(body, end - body.taken, digest)
    _pass(body, body.left, digest)


def _pass(body: Exact, count: int, digest: Callable[[memoryview], object]) -> None:
    for piece in body.pieces(max(0, min(count, body.left))):
        digest(piece)


def _header_fault(member: Member, body: Exact, digest: Callable[[memoryview], object]) -> str | None:
    header = body.read(LOCAL_HEADER)
    digest(memoryview(header))
    signature, _, flags, method, _, _, _, _, _, name_length, extra_length = _HEADER.unpack(header)
    if signature != _SIGNATURE:
        return "whose local header is not where the directory says"
    if name_length != len(member.raw_name):
        return "whose name is another one in its local header"
    name = body.read(name_length)
    digest(memoryview(name))
    if name != member.raw_name:
        return "whose name is another one in its local header"
    if method != member.method or (flags ^ member.flags) & 1:
        return f"whose local header says the compression method {method}; expected {member.method}"
    if extra_length + member.compressed > body.left:
        return "which does not fit into the archive"
    _pass(body, extra_length, digest)
    return None


class _Data:
    """Unpacks one member; never more than the directory declares, and one byte to notice that there is more."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == DEFLATED else None
        self._crc = 0
        self._size = 0

    def fault(self, body: Exact, digest: Callable[[memoryview], object]) -> str | None:
        fault: str | None = None
        for piece in body.pieces(self._member.compressed):
            digest(piece)
            if fault is None:
                fault = self._feed(piece)
        return fault or self._end()

    def _feed(self, piece: memoryview) -> str | None:
        if self._inflate is not None and self._inflate.eof:  # or zlib would keep all that is left
            return "whose compressed data ends before it should"
        try:
            for data in self._unpacked(piece):
                self._size += len(data)
                self._crc = _crc32(data, self._crc)
                if self._size > self._member.size:
                    return f"which unpacks to more than the {self._member.size:,} bytes that are declared"
        except zlib.error:
            return "which cannot be unpacked"
        return None

    def _unpacked(self, piece: memoryview) -> Iterator[bytes | memoryview]:
        if self._inflate is None:
            yield piece
            return
        left: bytes | memoryview = piece
        while left:
            yield self._inflate.decompress(left, OUTPUT)
            left = self._inflate.unconsumed_tail

    def _end(self) -> str | None:
        if self._inflate is not None:
            if fault := self._feed_rest():
                return fault
            if not self._inflate.eof or self._inflate.unused_data:
                return "whose compressed data does not end where it should"
        if self._size != self._member.size:
            return f"which unpacks to {self._size:,} bytes; expected {self._member.size:,}"
        if self._crc != self._member.crc:
            return f"with the CRC-32 {self._crc:08x}; expected {self._member.crc:08x}, as the directory says"
        return None

    def _feed_rest(self) -> str | None:
        """What zlib has taken in and not yet given out, for want of room."""
        while self._inflate is not None and not self._inflate.eof:
            try:
                data = self._inflate.decompress(b"", OUTPUT)
            except zlib.error:
                return "which cannot be unpacked"
            if not data:
                break
            self._size += len(data)
            self._crc = _crc32(data, self._crc)
            if self._size > self._member.size:
                return f"which unpacks to more than the {self._member.size:,} bytes that are declared"
        return None
