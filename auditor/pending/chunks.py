"""The chunks of a redis backup: u32 BE key length, key, u32 BE dump length, dump; one after the other, to the end.

A dump is what redis' DUMP gives: a type byte, the value as in an RDB file, u16 LE RDB version, u64 LE CRC-64 of all
before it (https://redis.io/docs/latest/commands/dump/, `createDumpPayload` in redis' cluster.c). Keys and lengths are
covered by no checksum, so a walk counts only when every dump of the file is sound and the file ends with one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import crcmod

from auditor.rows.verify import Unsound

FOOTER_BYTES = 10
_PIECE = 1 << 20

# CRC-64/Jones as redis has it: reflected, initial value 0, no final xor; that of "123456789" is e9c6d914c4b8d9ca
crc64: Callable[..., int] = crcmod.mkCrcFun(0x1AD93D23594C935A9, initCrc=0, rev=True, xorOut=0)


def copy_dumps(path: Path, key: bytes, folder: Path) -> Iterator[Path]:
    """Walks the whole file, checks every dump, and copies those of `key` into `folder`, one file each (0600).

    Memory is bounded whatever the lengths say. Raises Unsound, with the offset of the first fault.
    """
    size = path.stat().st_size
    copies = 0
    with path.open("rb") as file:
        while file.tell() < size:
            start = file.tell()
            same = _same_key(file, size, key)
            length = _length(file, size, start, "dump")
            if length <= FOOTER_BYTES:
                raise Unsound(f"the chunk at byte {start} has a dump of {length} bytes, which is too short for one")
            if not same:
                _check(file, length, start, None)
                continue
            copies += 1
            target = folder / f"{copies}.dump"
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
                _check(file, length, start, copy)
            yield target


def _same_key(file: BinaryIO, size: int, key: bytes) -> bool:
    start = file.tell()
    length = _length(file, size, start, "key")
    if length == len(key):
        return file.read(length) == key
    file.seek(length, os.SEEK_CUR)
    return False


def _length(file: BinaryIO, size: int, start: int, what: str) -> int:
    """A length that the rest of the file can hold."""
    stored = file.read(4)
    if len(stored) < 4:
        raise Unsound(f"the chunk at byte {start} is cut off")
    (length,) = struct.unpack(">I", stored)
    if length > size - file.tell():
        raise Unsound(f"the chunk at byte {start} has a {what} of {length} bytes, and the file ends before that")
    return int(length)


def _check(file: BinaryIO, length: int, start: int, copy: BinaryIO | None) -> None:
    """Reads a dump in pieces and compares its CRC-64."""
    left, found = length - 8, 0
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise Unsound(f"the chunk at byte {start} is cut off")
        found = crc64(piece, found)
        left -= len(piece)
        if copy is not None:
            copy.write(piece)
    (stored,) = struct.unpack("<Q", file.read(8))
    if stored != found:
        raise Unsound(f"the dump of the chunk at byte {start} does not have the checksum that it says")
