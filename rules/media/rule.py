"""The rule as the engine sees it, and the order in which one file is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, ClassVar

from auditor.errors import ObjectUnreadable
from auditor.findings import Problem, RuleInfo
from auditor.protocols import ContentFacts, Depth, Query
from rules.media import mp4, transport
from rules.media.boxes import Broken
from rules.media.containers import ISO, container_of
from rules.media.infos import INFOS
from rules.reading import Source

MP4, TRANSPORT, ORIGINAL = "mp4", "mpeg-ts", "media-original"
HEAD = 22 * transport.PACKET  # 4,136 bytes


class MediaRules:
    """A `ContentRule` for the formats `mp4`, `mpeg-ts` and `media-original`. Its findings have no subject."""

    infos: tuple[RuleInfo, ...] = INFOS
    contents = frozenset({MP4, TRANSPORT, ORIGINAL})
    queries: ClassVar[Mapping[str, Query]] = {}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """The first bytes, or all; nothing of an empty object, which has no byte range."""
        length = size if depth is Depth.FULL else min(size, HEAD)
        return [(0, length)] if size else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """At most one problem.

        Raises ObjectUnreadable where a stream has fewer bytes than were planned.
        """
        if not streams:
            yield Problem("MED001", "The file is empty; expected sound or film.")
            return
        source = Source(streams[0], facts.key, self.plan(facts.size, facts.depth)[0][1])
        judge = {MP4: _mp4, TRANSPORT: _transport}.get(facts.content or ORIGINAL, _original)
        try:
            problem = judge(source, facts)
        except Broken as fault:
            problem = Problem("MED001", f"The MP4 {fault}.")
        if problem:
            yield problem
        source.skip(source.left)  # what no check wanted has to be readable all the same


def _mp4(source: Source, facts: ContentFacts) -> Problem | None:
    if source.peek(8)[4:] != b"ftyp":
        there = _begins(source.peek(HEAD))
        return Problem("MED001", f"The file {there}; expected an MP4, which begins with an ftyp box.")
    outline = _outline(source, facts)
    missing = outline.missing()
    if missing:
        return Problem("MED001", f"The MP4 {missing}.")
    late = outline.late()
    if late is None:
        return None
    return Problem("MED002", f"The MP4 has its moov box at byte {late:,}, behind mdat; expected it before mdat.")


def _transport(source: Source, facts: ContentFacts) -> Problem | None:
    head = source.peek(HEAD)
    if head[0] != 0x47:
        return Problem("MED001", f"The file {_begins(head)}; expected an MPEG-TS, whose packets begin with 0x47.")
    whole = source.left == facts.size
    said = transport.out_of_sync(facts.size) or transport.damage(source, whole)
    return Problem("MED001", f"The MPEG-TS {said}.") if said else None


def _original(source: Source, facts: ContentFacts) -> Problem | None:
    """Any container will do; of those like MP4 the boxes must be there, in whatever order."""
    container = container_of(source.peek(HEAD))
    if container is None:
        return Problem("MED001", "The file begins as no container of sound or film that is known here.")
    if container != ISO:
        return None
    missing = _outline(source, facts).missing()
    return Problem("MED001", f"The MP4 {missing}.") if missing else None


def _outline(source: Source, facts: ContentFacts) -> mp4.Outline:
    if source.left == facts.size:
        return mp4.whole(source)

    def more(start: int, length: int) -> bytes:
        data = facts.fetch(start, length)
        if len(data) < length:
            raise ObjectUnreadable(facts.key, f"it had no {length} bytes from byte {start:,} on", refused=False)
        return data

    return mp4.outline(source.peek(HEAD), more, facts.size)


def _begins(head: bytes) -> str:
    container = container_of(head)
    return f"begins as {container} does" if container else "begins as no container of sound or film does"
