"""One object: its facts, its bytes, what the rules say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from auditor.errors import ObjectChanged, ObjectGone, ObjectUnreadable, RowsFailed
from auditor.findings import Problem
from auditor.protocols import ContentFacts, ContentRule, Depth
from auditor.scan.content.answers import Answers, ByKey
from auditor.scan.content.budget import Budget
from auditor.scan.rulebook import RuleBook
from auditor.spec import Family
from auditor.store.base import Store

_ATTEMPTS = 3  # an object that is written anew while it is looked at is looked at anew, so many times in all

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Subject:
    """One object whose turn it is, as it was listed or as a HEAD showed it since."""

    key: str
    family: str
    size: int
    last_modified: datetime
    etag: str
    row_uid: str | None
    row_content_type: str | None
    depth: Depth
    said: str | None = None  # what the first reading said, as JSON; None at the first reading


@dataclass
class Examined:
    """What came of one object; `looked` is False where nothing was: the budget was spent, or no rule had anything."""

    subject: Subject
    problems: list[Problem] = field(default_factory=list)
    error: ObjectGone | ObjectUnreadable | RowsFailed | None = None
    looked: bool = True
    left: bool = False  # there was no budget for it


@dataclass(frozen=True)
class Examiner:
    store: Store
    book: RuleBook
    object_cutoff: datetime
    rules: Mapping[str, Sequence[ContentRule]]  # by family
    families: Mapping[str, Family]

    def __call__(
        self, answers: Answers, many: Mapping[str, Mapping[str, ByKey]], budget: Budget, subject: Subject
    ) -> Examined:
        """Looks at the object as it is now; `many` has the answers about many keys by the rule's class name."""
        for _ in range(_ATTEMPTS):
            try:
                return self._look(answers, many, budget, subject)
            except ObjectChanged:
                fresh = self._anew(subject)
                if not isinstance(fresh, Subject):
                    return Examined(subject, error=fresh, looked=False)
                subject = fresh
            except ObjectUnreadable as error:
                return Examined(subject, error=self._gone_or(error), looked=False)
            except (ObjectGone, RowsFailed) as error:
                return Examined(subject, error=error, looked=False)
            except Exception as error:  # a rule that stumbles over one object must not end the run for all others
                why = f"its check failed with {type(error).__name__}"
                return Examined(subject, error=ObjectUnreadable(subject.key, why, refused=False), looked=False)
        why = f"it was written anew {_ATTEMPTS} times while it was being looked at"
        return Examined(subject, error=ObjectUnreadable(subject.key, why, refused=True), looked=False)

    def looking(self, subject: Subject) -> dict[ContentRule, Ranges]:
        """The rules that have something to say at this depth, and what they want to read."""
        planned = ((rule, rule.plan(subject.size, subject.depth)) for rule in self.rules[subject.family])
        return {rule: ranges for rule, ranges in planned if ranges is not None}

    def _look(
        self, answers: Answers, many: Mapping[str, Mapping[str, ByKey]], budget: Budget, subject: Subject
    ) -> Examined:
        asked = self.looking(subject)
        if not asked:
            return Examined(subject, looked=False)
        if not budget.take(sum(length for ranges in asked.values() for _, length in ranges)):
            return Examined(subject, looked=False, left=True)
        found = Examined(subject)
        for rule, ranges in asked.items():
            known = answers.for_object(rule, subject.key, many.get(type(rule).__name__, {}))
            found.problems += self._check(rule, ranges, subject.etag, self._facts(subject, known, budget))
        return found

    def _facts(self, subject: Subject, known: Mapping[str, Any], budget: Budget) -> ContentFacts:
        return ContentFacts(
            key=subject.key,
            size=subject.size,
            last_modified=subject.last_modified,
            row_uid=subject.row_uid,
            settled=subject.last_modified < self.object_cutoff,
            answers=known,
            row_content_type=subject.row_content_type,
            content=self.families[subject.family].content,
            family=self.families[subject.family],
            depth=subject.depth,
            fetch=partial(self._fetch, subject, budget),
        )

    def _check(self, rule: ContentRule, ranges: Ranges, etag: str, facts: ContentFacts) -> list[Problem]:
        with ExitStack() as stack:
            streams = [stack.enter_context(self.store.open(facts.key, *one, etag)) for one in ranges]
            return list(self.book.heard(rule.check_content(streams, facts)))

    def _fetch(self, subject: Subject, budget: Budget, start: int, length: int) -> bytes:
        budget.add(length)
        length = min(length, subject.size - start)
        if length <= 0:
            return b""
        with self.store.open(subject.key, start, length, subject.etag) as stream:
            return stream.read(length)

    def _anew(self, subject: Subject) -> Subject | ObjectGone | ObjectUnreadable:
        try:
            head = self.store.head(subject.key)
        except ObjectUnreadable as error:
            return error
        if head is None:
            return ObjectGone(subject.key)
        return replace(subject, size=head.size, last_modified=head.last_modified, etag=head.etag)

    def _gone_or(self, error: ObjectUnreadable) -> ObjectGone | ObjectUnreadable:
        """A body may break off because the object is being deleted: one more look tells."""
        try:
            return ObjectGone(error.key) if self.store.head(error.key) is None else error
        except ObjectUnreadable:
            return error
