"""Reads the objects of a unit whose turn it is, and files what came of it.

One bad object never ends the run: what cannot be read is RUN001, what has vanished is `gone`. A corrupt result is
read once more before it is reported, and only what both readings say counts: the fault may have been on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pyarrow as pa

from auditor.errors import ObjectGone, ObjectUnreadable, RowsFailed
from auditor.findings import Finding, Problem
from auditor.frames import INSTANT
from auditor.protocols import Depth
from auditor.scan.columns import CORRECTIONS, ObjectClass
from auditor.scan.content.answers import Answers, ByKey
from auditor.scan.content.budget import Budget
from auditor.scan.content.examine import Examined, Examiner, Subject
from auditor.scan.rulebook import UNREADABLE, Facts, RuleBook, findings_table
from auditor.scan.units import Unit, Units

CHUNK = 500  # objects about whom the database is asked together

# What had its turn in this run, and what came of it; no depth where nothing did.
LOOKED = pa.schema(
    [("key", pa.string()), ("etag", pa.string()), ("size", pa.int64()), ("depth", pa.string()), ("faulty", pa.bool_())]
)

# Subjects that a first reading found faulty. Types are given, since a turn may have none with a row, and the next some.
_SUSPECTS = pa.schema(
    [
        *((name, pa.string()) for name in ("key", "family")),
        ("size", pa.int64()),
        ("last_modified", INSTANT),
        *((name, pa.string()) for name in ("etag", "row_uid", "row_content_type", "depth", "said")),
    ]
)

_SUBJECT = ["key", "family", "size", "last_modified", "etag", "row_uid", "row_content_type"]
_FACTS = ["key", "family", "size", "last_modified", "row_uid"]
Saying = tuple[str, str | None]  # a problem's code and subject


@dataclass
class Read:
    """What reading adds to the run's accounts."""

    errors: list[dict[str, str]] = field(default_factory=list)
    objects: int = 0  # looked at
    left: int = 0  # no budget was left for them


@dataclass(frozen=True)
class ContentReader:
    examiner: Examiner
    book: RuleBook
    units: Units
    executor: Executor

    def first(self, unit: Unit, queue: pa.Table, depth: Depth, answers: Answers, budget: Budget) -> Read:
        """Reads objects of a unit (rows of its file `contents`); those with problems are queued for another reading."""
        examined = list(self._examined(_subjects(queue, depth), answers, budget))
        suspects = [_again(one) for one in examined if one.looked and one.problems]
        self.units.append(unit, "suspects", pa.Table.from_pylist(suspects, schema=_SUSPECTS))
        return self._file(unit, "first", examined, [])

    def second(self, unit: Unit, answers: Answers, budget: Budget) -> Read:
        """Reads the suspects of a unit again and reports what was seen both times."""
        queue = self.units.read(unit, "suspects")
        rows = [] if queue is None else queue.to_pylist()
        subjects = [Subject(**row | {"depth": Depth(row["depth"])}) for row in rows]
        examined = [_agreed(one) for one in self._examined(subjects, answers, budget)]
        findings = [self.book.finding(problem, _facts(one)) for one in examined for problem in one.problems]
        return self._file(unit, "second", examined, findings)

    def _examined(self, subjects: Sequence[Subject], answers: Answers, budget: Budget) -> Iterator[Examined]:
        for start in range(0, len(subjects), CHUNK):
            chunk = subjects[start : start + CHUNK]
            if budget.closed:
                yield from (Examined(subject, looked=False, left=True) for subject in chunk)
                continue
            try:
                many = self._asked(chunk, answers)
            except RowsFailed as error:
                yield from (Examined(subject, error=error, looked=False) for subject in chunk)
                continue
            yield from self.executor.map(partial(self.examiner, answers, many, budget), chunk)

    def _asked(self, subjects: Iterable[Subject], answers: Answers) -> dict[str, Mapping[str, ByKey]]:
        """What the database says about all of them at once, by the name of the rule's class."""
        keys: dict[str, list[str]] = {}
        rules = {}
        for subject in subjects:
            for rule in self.examiner.looking(subject):
                rules[type(rule).__name__] = rule
                keys.setdefault(type(rule).__name__, []).append(subject.key)
        return {name: answers.for_many(rule, keys[name]) for name, rule in rules.items()}

    def _file(self, unit: Unit, look: str, examined: list[Examined], findings: list[Finding]) -> Read:
        read, gone = Read(), []
        for one in examined:
            subject, error = one.subject, one.error
            if isinstance(error, ObjectGone):
                gone.append({"key": subject.key, "class": str(ObjectClass.GONE), "row_uid": subject.row_uid})
            elif isinstance(error, ObjectUnreadable):
                findings += self._unreadable(subject, error)
            if isinstance(error, RowsFailed) or (isinstance(error, ObjectUnreadable) and not error.refused):
                read.errors.append({"what": f"content of {subject.key!r}", "message": str(error)})
        read.objects = sum(one.looked for one in examined)
        read.left = sum(one.left for one in examined)
        self.units.append(unit, f"looked-{look}", _looked(examined))
        self.units.append(unit, f"findings-contents-{look}", findings_table(findings))
        self.units.append(unit, f"corrections-contents-{look}", pa.Table.from_pylist(gone, schema=CORRECTIONS))
        return read

    def _unreadable(self, subject: Subject, error: ObjectUnreadable) -> list[Finding]:
        problem = Problem(UNREADABLE.code, f"The object could not be read: {error.reason}.")
        facts = _facts(Examined(subject))
        return [self.book.finding(said, facts) for said in self.book.heard([problem])]


def _subjects(queue: pa.Table, depth: Depth) -> list[Subject]:
    return [Subject(**row, depth=depth) for row in queue.select(_SUBJECT).to_pylist()]


def _again(one: Examined) -> dict[str, Any]:
    said = json.dumps([_saying(problem) for problem in one.problems])
    return vars(one.subject) | {"depth": str(one.subject.depth), "said": said}


def _agreed(one: Examined) -> Examined:
    """Only the problems that the first reading showed as well; readings that do not agree at all prove nothing."""
    said = json.loads(one.subject.said or "[]")
    both = [problem for problem in one.problems if list(_saying(problem)) in said]
    if one.problems and not both:
        error = ObjectUnreadable(one.subject.key, "two readings of it had different faults", refused=False)
        return replace(one, problems=[], error=error, looked=False)
    return replace(one, problems=both)


def _looked(examined: list[Examined]) -> pa.Table:
    rows = [
        {**{name: getattr(one.subject, name) for name in ("key", "etag", "size")}, "faulty": bool(one.problems)}
        | {"depth": str(one.subject.depth) if one.looked else None}
        for one in examined
        if one.looked or one.error is not None
    ]
    return pa.Table.from_pylist(rows, schema=LOOKED)


def _facts(one: Examined) -> Facts:
    return Facts(**{name: getattr(one.subject, name) for name in _FACTS})


def _saying(problem: Problem) -> Saying:
    return problem.code, problem.subject
