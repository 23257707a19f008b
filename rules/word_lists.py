"""JOB001: lists of words that a job left behind: one word in each line, sorted.

The format: the key specification's entry for `jobs/repopulate_emotions`, and what the job writes: the emotions that it
dropped, sorted, joined by line feeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.formats.stream import Exact
from auditor.protocols import ContentFacts, Depth, Query

READ_AT_MOST = 1 << 20  # bytes; a list of all words of a language is not longer
HEADER_BYTES = 4096

MALFORMED = RuleInfo(
    code="JOB001",
    name="malformed-job-file",
    severity=Severity.WARNING,
    kind=RuleKind.CONTENT,
    summary="A job's list of words is no text with one word in each line, sorted.",
    why="The list is the only trace of what the job dropped; a broken one cannot be used to bring it back.",
    action="Compare with the job's log, and look at what else was written at that time.",
    good="angry, calm and happy in three lines",
    bad="bytes that are no UTF-8; an empty file; lines that are not in order",
)


class WordListRule:
    """A `ContentRule`. Words are never shown: they are content."""

    infos: tuple[RuleInfo, ...] = (MALFORMED,)
    contents = frozenset({"word-list"})
    queries: Mapping[str, Query] = {}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        length = min(size, READ_AT_MOST if depth is Depth.FULL else HEADER_BYTES)
        return [(0, length)] if length else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Raises ObjectUnreadable where the stream ends early."""
        length = sum(length for _, length in self.plan(facts.size, facts.depth))
        data = Exact(streams[0] if streams else BytesIO(), facts.key, length).read(length)
        if fault := list_fault(data, whole=length == facts.size):
            yield Problem(MALFORMED.code, f"{fault}, as the job writes its lists.")


def list_fault(data: bytes, *, whole: bool = True) -> str | None:
    """What is wrong with a list, or with its beginning; a sentence without its end."""
    length = len(data)
    if not whole:
        data = data[: data.rfind(b"\n") + 1]
    if not data:
        there = "The file is empty" if whole else f"The first line is longer than {length:,} bytes"
        return f"{there}; expected one word in each line"
    try:
        lines = data.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        return f"At byte {error.start:,}, the file is no UTF-8; expected text"
    for number, line in enumerate(lines, 1):
        if not line.strip() or not line.isprintable():
            return f"Line {number:,} holds {'no word' if not line.strip() else 'control characters'}; expected one word"
        if number > 1 and line < lines[number - 2]:
            return f"Line {number:,} is not in order; expected sorted lines"
    return None
