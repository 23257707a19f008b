"""Any bytes as a redis backup: followed to the end, or refused at a place inside."""

from __future__ import annotations

import io

from auditor.formats.redis import BrokenChunk, chunks
from auditor.formats.stream import Exact
from tests.world.bodies import redis_backup

_SOUND = redis_backup({b"stats": b"17", b"": b"x"})
SEEDS = (b"", _SOUND, _SOUND[:-3], _SOUND[:9] + b"\x00\x00\x00\x0b" + bytes(11), b"\xff\xff\xff\xff", bytes(40))


def one(data: bytes) -> None:
    body = Exact(io.BytesIO(data), "", len(data))
    followed = 0
    try:
        for chunk in chunks(body):
            assert chunk.offset == followed
            assert (chunk.fault is None) == (chunk.stored == chunk.computed and 6 <= chunk.version <= 255)
            followed = chunk.dump_offset + chunk.dump_length
    except BrokenChunk as error:
        assert followed <= error.offset <= len(data)  # noqa: PT017 - a fuzz target, without pytest
        return
    assert followed == len(data)
