"""Redis backups made by hand, and a reading of them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from auditor.pending import PendingList
from auditor.pending.backup import read_backup
from auditor.pending.chunks import copy_dumps
from auditor.pending.dump import members
from auditor.pending.members import Members
from tests.world import zsets

SET = "files:purgatory"


def backup_of(*dumps: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """Chunks of the set between other chunks."""
    return before + b"".join(zsets.chunk(SET.encode(), dump) for dump in dumps) + after


def other_chunks() -> tuple[bytes, bytes]:
    long = zsets.string(b"a value that is longer than its neighbour " * 30)
    return (
        zsets.chunk(b"stats:1", zsets.dump(b"\x00" + zsets.string(b"1234"))),
        zsets.chunk(b"files:purgatorz", zsets.dump(b"\x00" + long)),
    )


def decoded(dump: bytes) -> list[tuple[bytes, float]]:
    """Members and scores of a dump as the auditor reads them. Raises Unsound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "redis.bak").write_bytes(backup_of(dump))
        (copy,) = copy_dumps(folder / "redis.bak", SET.encode(), folder)
        return list(members(copy, folder))


def read(body: bytes, bucket: str = "b", since: float = float("-inf")) -> PendingList:
    """The list of a whole backup. Raises Unsound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "redis.bak").write_bytes(body)
        return read_backup(folder / "redis.bak", folder, SET, Members(bucket, since))


def entries(count: int) -> Sequence[tuple[bytes, float]]:
    return [(b'{"bucket": "b", "key": "s3_files/k%d"}' % number, 1.7e9 + number + 0.5) for number in range(count)]
