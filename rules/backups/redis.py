"""BAK002: can a backup of redis be followed from its first chunk to its last, and is every dump whole?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from auditor.findings import Problem, RuleInfo
from auditor.formats.redis import FOOTER_BYTES, BrokenChunk, Chunk, chunks, version_fault
from auditor.formats.stream import Exact
from auditor.protocols import ContentFacts, Depth, Query
from rules.backups.infos import REDIS

HEADER_BYTES = 4096  # whose chunks are checked without reading all
_REMEMBERED = 1 << 18  # keys; what is repeated among more is not looked for


class RedisBackupRule:
    """A `ContentRule`. One finding for a file, whose subject is the offset of its first fault.

    Keys are never shown: they are content.
    """

    infos: tuple[RuleInfo, ...] = (REDIS,)
    contents = frozenset({"redis-backup"})
    queries: Mapping[str, Query] = {}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """The first chunks and the last footer, or everything. An empty file is a backup of an empty database."""
        if depth is Depth.FULL or size <= HEADER_BYTES:
            return [(0, size)] if size else []
        return [(0, HEADER_BYTES), (size - FOOTER_BYTES, FOOTER_BYTES)]

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Raises ObjectUnreadable where the stream ends early."""
        whole = len(streams) < 2
        kind = Exact if whole else Beginning
        file = _File(kind(streams[0] if streams else BytesIO(), facts.key, facts.size))
        file.walk()
        if not whole:
            file.end(facts.size, Exact(streams[1], facts.key, FOOTER_BYTES).read(FOOTER_BYTES))
        yield from file.problems()


class BeyondTheBeginning(Exception):
    """The next bytes are there and were not asked for."""


class Beginning(Exact):
    """The first HEADER_BYTES of a longer object."""

    def read(self, count: int) -> bytes:
        if self.taken + count > HEADER_BYTES:
            raise BeyondTheBeginning
        return super().read(count)

    def pieces(self, count: int) -> Iterator[memoryview]:
        raise BeyondTheBeginning


class _File:
    def __init__(self, body: Exact) -> None:
        self._body = body
        self._keys: set[bytes] = set()
        self._chunks = self._repeated = self._bad = 0
        self._first: tuple[int, str] | None = None  # offset, and what is wrong there

    def walk(self) -> None:
        try:
            for chunk in chunks(self._body):
                self._meet(chunk)
        except BrokenChunk as error:
            self._note(error.offset, f"{error}, and nothing behind it can be read")
        except BeyondTheBeginning:
            pass

    def end(self, size: int, footer: bytes) -> None:
        """The last dump's footer; of a file that was cut off, some other bytes."""
        if fault := version_fault(footer):
            self._note(size - len(footer), f"the last dump {fault}")

    def problems(self) -> Iterator[Problem]:
        if self._first:
            offset, fault = self._first
            yield Problem(REDIS.code, f"At byte {offset:,}, {fault}{self._rest()}.", subject=str(offset))

    def _meet(self, chunk: Chunk) -> None:
        self._chunks += 1
        if chunk.key_digest in self._keys:
            self._repeated += 1
        elif len(self._keys) < _REMEMBERED:
            self._keys.add(chunk.key_digest)
        if chunk.fault:
            self._note(chunk.dump_offset, f"the dump of key number {self._chunks:,} {chunk.fault}")

    def _note(self, offset: int, fault: str) -> None:
        self._bad += 1
        if self._first is None:
            self._first = offset, fault

    def _rest(self) -> str:
        """What else is known of the file; a key may come twice, since SCAN may give it twice."""
        more = f"; {self._bad - 1:,} more faults behind it" if self._bad > 1 else ""
        twice = f"; {self._repeated:,} keys came before" if self._repeated else ""
        return f" ({self._chunks:,} whole chunks{more}{twice})"
