"""The members of a dumped sorted set, in whatever encoding redis kept it."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from auditor.formats.redis import crc64
from auditor.pending.decoding import TRAILING, WRONG_TYPE
from auditor.rows.verify import Unsound

NEWEST_VERSION = 13  # RDB version of redis 8.6, the newest that the parser knows
SORTED_SETS = frozenset({3, 5, 12, 17})  # type bytes: scores as text, scores as doubles, ziplist, listpack
_SECONDS = 600
_PIECE = 1 << 20
_HEAD = struct.Struct("<dI")
_PROGRAM = Path(__file__).with_name("decoding.py")
_REASONS = {
    WRONG_TYPE: "it is no sorted set",
    TRAILING: "it holds more than one value",
    1: "its value cannot be decoded",
}


def members(dump: Path, folder: Path) -> Iterator[tuple[bytes, float]]:
    """Members and scores of one dump without its checksum (`chunks.copy_dumps`). Works in files of `folder`.

    Raises Unsound.
    """
    version = _version(dump)
    rdb, found = dump.with_suffix(".rdb"), dump.with_suffix(".members")
    _as_rdb_file(dump, rdb, version)
    dump.unlink()
    _decode(rdb, found)
    rdb.unlink()
    with found.open("rb") as file:
        while head := file.read(_HEAD.size):
            score, length = _HEAD.unpack(head)
            yield file.read(length), score


def _version(dump: Path) -> int:
    with dump.open("rb") as file:
        kind = file.read(1)[0]
        file.seek(-2, 2)
        (version,) = struct.unpack("<H", file.read(2))
    if kind not in SORTED_SETS:
        raise Unsound(f"the list in it is no sorted set (type {kind})")
    if not 1 <= version <= NEWEST_VERSION:
        raise Unsound(f"the list in it has RDB version {version}, and no newer one than {NEWEST_VERSION} is understood")
    return int(version)


def _as_rdb_file(dump: Path, target: Path, version: int) -> None:
    """The value as the one key `k` of an RDB file."""
    checksum = 0
    with (
        dump.open("rb") as source,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        head = b"REDIS%04d\xfe\x00" % version + source.read(1) + b"\x01k"
        for piece in chain([head], _pieces(source, dump.stat().st_size - 3), [b"\xff"]):
            checksum = crc64(piece, checksum)
            file.write(piece)
        file.write(struct.pack("<Q", checksum))


def _pieces(source: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0:
        piece = source.read(min(left, _PIECE))
        left -= len(piece)
        yield piece


def _decode(rdb: Path, target: Path) -> None:
    """In a process of its own: see `decoding`. It needs nothing of this process' environment, so it gets nothing."""
    command = [sys.executable, "-I", str(_PROGRAM), str(rdb), str(target)]
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 - our own program, on files whose names are ours
            command, stdin=quiet, stdout=quiet, stderr=quiet, env={}, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unsound(f"the list in it could not be decoded ({type(error).__name__})") from error
    if done.returncode:
        why = _REASONS.get(done.returncode, f"decoding it ended with {done.returncode}")
        raise Unsound(f"the list in it cannot be used: {why}")
