"""One object in memory, judged by one content rule as the engine would."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from auditor.findings import Problem
from auditor.protocols import ContentFacts, ContentRule, Depth
from auditor.spec import Family

Open = Callable[[bytes], BinaryIO]


@dataclass
class Judged:
    """What the rule said, and every range that was read (planned or fetched)."""

    problems: list[Problem] = field(default_factory=list)
    read: list[tuple[int, int]] = field(default_factory=list)

    @property
    def subjects(self) -> list[str | None]:
        return [problem.subject for problem in self.problems]

    @property
    def text(self) -> str:
        return "\n".join(problem.message for problem in self.problems)


def judge(
    rule: ContentRule,
    body: bytes,
    depth: Depth = Depth.FULL,
    *,
    family: Family | None = None,
    answers: Mapping[str, Any] | None = None,
    size: int | None = None,
    opened: Open = io.BytesIO,
) -> Judged:
    """`size` is what the listing said, where the body is another one by now; `opened` makes a stream of bytes."""
    judged = Judged()
    listed = len(body) if size is None else size

    def fetch(start: int, length: int) -> bytes:
        judged.read.append((start, length))
        return body[start : start + length]

    facts = ContentFacts(
        key="the/key",
        size=listed,
        last_modified=datetime(2026, 1, 2, tzinfo=UTC),
        row_uid=None,
        settled=True,
        answers={name: (answers or {}).get(name) for name in rule.queries},
        depth=depth,
        fetch=fetch,
        family=family,
    )
    judged.read += rule.plan(listed, depth)
    streams = [opened(body[start : start + length]) for start, length in judged.read]
    judged.problems = list(rule.check_content(streams, facts))
    return judged


def bits(body: bytes, positions: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """The body with one bit flipped, for each bit of the bytes at `positions`."""
    for at in positions:
        for bit in range(8):
            yield at, body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]


class Dribble(io.RawIOBase):
    """A stream that gives at most seven bytes at a time."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._left = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data, self._left = self._left[: min(7, len(buffer))], self._left[min(7, len(buffer)) :]
        buffer[: len(data)] = data
        return len(data)
