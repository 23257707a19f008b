"""Where problems are collected, so that a ruined file cannot fill a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from auditor.findings import Problem

LIMIT = 100  # problems of one code in one file; what comes after is counted


class Ledger:
    """One problem for each code and subject; beyond `LIMIT` of one code, one that says how many there are more."""

    def __init__(self) -> None:
        self._problems: dict[str, dict[str | None, Problem]] = {}
        self._beyond: Counter[str] = Counter()

    def add(self, problem: Problem) -> None:
        listed = self._problems.setdefault(problem.code, {})
        if problem.subject in listed:
            return
        if len(listed) == LIMIT:
            self._beyond[problem.code] += 1
        else:
            listed[problem.subject] = problem

    def has(self, code: str) -> bool:
        return code in self._problems

    def problems(self) -> Iterator[Problem]:
        """All that was added, by code, then in the order of adding."""
        for code, listed in sorted(self._problems.items()):
            yield from listed.values()
            if more := self._beyond[code]:
                yield self._summary(next(iter(listed.values())), more)

    @staticmethod
    def _summary(example: Problem, more: int) -> Problem:
        message = f"{more:,} more problems of this kind are in the file; only the first {LIMIT} are listed one by one."
        return replace(example, message=message, subject="more")
