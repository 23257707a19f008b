"""Reads objects whose format is known and lets the content rules judge their bytes.

One bad object never ends the run: what cannot be read is RUN001, what has vanished is `gone`. A corrupt result is
read once more before it is reported, and only what both readings say counts: the fault may have been on the way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from auditor.errors import ObjectGone, ObjectUnreadable, RowsFailed
from auditor.findings import Finding, Problem
from auditor.protocols import ContentFacts, ContentRule, Depth
from auditor.scan.answers import Answers
from auditor.scan.columns import CORRECTIONS, ObjectClass
from auditor.scan.judge import Law
from auditor.scan.rulebook import UNREADABLE, Facts, RuleBook, findings_table
from auditor.scan.units import Unit, Units
from auditor.spec import Family
from auditor.store.base import Store

FACTS = ["key", "family", "size", "last_modified", "row_uid"]
QUEUED = [*FACTS, "row_content_type"]
Row = dict[str, Any]
Saying = tuple[str, str | None]  # a problem's code and subject
Outcome = list[Problem] | ObjectGone | ObjectUnreadable | RowsFailed


@dataclass
class Read:
    """What reading adds to the run's accounts."""

    errors: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ContentReader:
    store: Store
    law: Law
    book: RuleBook
    units: Units
    executor: Executor
    rules: Mapping[str, Sequence[ContentRule]]  # by family
    families: Mapping[str, Family]

    def first(self, unit: Unit, answers: Answers) -> Read:
        """Reads every queued object of a unit; those with problems are queued for a second reading."""
        rows = self._queue(unit, "contents")
        outcomes = list(self.executor.map(partial(self._read, answers), rows))
        suspects = [
            row | {"said": json.dumps([_saying(problem) for problem in outcome])}
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(outcome, list) and outcome
        ]
        self.units.write(unit, "suspects", pa.Table.from_pylist(suspects))
        return self._file(unit, "first", rows, outcomes, [])

    def second(self, unit: Unit, answers: Answers) -> Read:
        """Reads the suspects of a unit again and reports what was seen both times."""
        rows = self._queue(unit, "suspects")
        outcomes = list(self.executor.map(partial(self._read_again, answers), rows))
        findings = [
            self.book.finding(problem, _facts(row))
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(outcome, list)
            for problem in outcome
        ]
        return self._file(unit, "second", rows, outcomes, findings)

    def _queue(self, unit: Unit, kind: str) -> list[Row]:
        table = self.units.read(unit, kind)
        columns = [*QUEUED, "said"] if kind == "suspects" else QUEUED
        return table.select(columns).to_pylist() if table is not None else []

    def _read(self, answers: Answers, row: Row) -> Outcome:
        try:
            return [problem for rule in self.rules[row["family"]] for problem in self._check(rule, answers, row)]
        except (ObjectGone, ObjectUnreadable, RowsFailed) as error:
            return self._gone_or(error, row["key"]) if isinstance(error, ObjectUnreadable) else error
        except Exception as error:  # a rule that stumbles over one object must not end the run for all others
            return ObjectUnreadable(row["key"], f"its check failed with {type(error).__name__}", refused=False)

    def _read_again(self, answers: Answers, row: Row) -> Outcome:
        """The problems that the first reading showed as well."""
        outcome = self._read(answers, row)
        if not isinstance(outcome, list):
            return outcome
        said = json.loads(row["said"])
        both = [problem for problem in outcome if list(_saying(problem)) in said]
        if outcome and not both:
            return ObjectUnreadable(row["key"], "two readings of it had different faults", refused=False)
        return both

    def _check(self, rule: ContentRule, answers: Answers, row: Row) -> list[Problem]:
        facts = ContentFacts(
            key=row["key"],
            size=row["size"],
            last_modified=row["last_modified"],
            row_uid=row["row_uid"],
            settled=row["last_modified"] < self.law.object_cutoff,
            answers=answers.for_object(rule, row["key"]),
            row_content_type=row["row_content_type"],
            content=self.families[row["family"]].content,
            depth=Depth.FULL,
            fetch=partial(self._fetch, row["key"]),
            family=self.families[row["family"]],
        )
        with ExitStack() as stack:
            streams = [
                stack.enter_context(self.store.open(facts.key, start, length))
                for start, length in rule.plan(facts.size, facts.depth)
            ]
            return list(self.book.heard(rule.check_content(streams, facts)))

    def _fetch(self, key: str, start: int, length: int) -> bytes:
        with self.store.open(key, start, length) as stream:
            return stream.read(length)

    def _gone_or(self, error: ObjectUnreadable, key: str) -> Outcome:
        """A body may break off because the object is being deleted: one more look tells."""
        try:
            return ObjectGone(key) if self.store.head(key) is None else error
        except ObjectUnreadable:
            return error

    def _file(self, unit: Unit, look: str, rows: list[Row], outcomes: list[Outcome], findings: list[Finding]) -> Read:
        read, gone = Read(), []
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, ObjectGone):
                gone.append({"key": row["key"], "class": str(ObjectClass.GONE), "row_uid": row["row_uid"]})
            elif isinstance(outcome, ObjectUnreadable):
                findings += self._unreadable(row, outcome)
            if isinstance(outcome, RowsFailed) or (isinstance(outcome, ObjectUnreadable) and not outcome.refused):
                read.errors.append({"what": f"content of {row['key']!r}", "message": str(outcome)})
        self.units.write(unit, f"findings-contents-{look}", findings_table(findings))
        self.units.write(unit, f"corrections-contents-{look}", pa.Table.from_pylist(gone, schema=CORRECTIONS))
        return read

    def _unreadable(self, row: Row, error: ObjectUnreadable) -> list[Finding]:
        message = f"The object could not be read: {error.reason}."
        problem = Problem(UNREADABLE.code, message)
        return [self.book.finding(said, _facts(row)) for said in self.book.heard([problem])]


def _facts(row: Row) -> Facts:
    return Facts(**{name: row[name] for name in FACTS})


def _saying(problem: Problem) -> Saying:
    return problem.code, problem.subject
