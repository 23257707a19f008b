"""One file before a content rule, as the engine would hand it over, and what was read of it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from auditor.findings import Problem
from auditor.protocols import ContentFacts, ContentRule, Depth

UID = "AAAAAAAAAAAAAAAAAAAAAA"


@dataclass
class Bench:
    """`fetched` has the ranges that were asked for beyond the plan; a `size` other than the body's is a broken read."""

    rule: ContentRule
    content: str
    key: str
    depth: Depth = Depth.FULL
    row_content_type: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    fetched: list[tuple[int, int]] = field(default_factory=list)

    def judge(self, body: bytes, size: int | None = None) -> list[Problem]:
        def fetch(start: int, length: int) -> bytes:
            self.fetched.append((start, length))
            return body[start : start + length]

        facts = ContentFacts(
            key=self.key,
            size=len(body) if size is None else size,
            last_modified=datetime(2026, 1, 2, tzinfo=UTC),
            row_uid=None,
            settled=True,
            answers=dict.fromkeys(self.rule.queries) | self.answers,
            row_content_type=self.row_content_type,
            content=self.content,
            depth=self.depth,
            fetch=fetch,
        )
        ranges = self.rule.plan(facts.size, self.depth)
        streams = [io.BytesIO(body[start : start + length]) for start, length in ranges]
        return list(self.rule.check_content(streams, facts))

    def codes(self, body: bytes, size: int | None = None) -> list[str]:
        return [problem.code for problem in self.judge(body, size)]

    def messages(self, body: bytes) -> list[str]:
        return [problem.message for problem in self.judge(body)]
