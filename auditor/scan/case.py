"""Everything that the steps of one audit share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from auditor.findings import Need
from auditor.pending import PendingSource
from auditor.progress import Progress
from auditor.protocols import ContentRule, Context, Rule
from auditor.rows.base import RowSource
from auditor.scan.batch import Bench
from auditor.scan.content.turns import Level, Turns
from auditor.scan.content.verified import Verified
from auditor.scan.judge import Law
from auditor.scan.options import Options
from auditor.scan.pending import PendingSide
from auditor.scan.references import Known, open_references
from auditor.scan.rulebook import RuleBook
from auditor.scan.sides import Side, Sides
from auditor.scan.units import Units
from auditor.spec import Specification
from auditor.store.base import Store

SHOWN_ERRORS = 100


@dataclass
class Clock:
    """The store's time without asking it again: its first answer plus what has passed since."""

    started: datetime
    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._zero = self.monotonic()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.monotonic() - self._zero

    def now(self) -> datetime:
        return self.started + timedelta(seconds=self.elapsed())


@dataclass
class Ledger:
    """What failed, and what was left out. The list stays short however long the run of failures is."""

    not_audited: list[dict[str, str]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    unshown: int = 0
    distrusted: bool = False  # the evidence as a whole is worthless, so nothing may be accused

    def fail(self, errors: Iterable[dict[str, str]]) -> None:
        for error in errors:
            if len(self.errors) < SHOWN_ERRORS:
                self.errors.append(error)
            else:
                self.unshown += 1

    def distrust(self, what: str, why: str) -> None:
        """The evidence as a whole is worthless: nothing is accused, and the run is incomplete."""
        self.distrusted = True
        self.fail([{"what": what, "message": why}])
        self.not_audited.append({"what": "orphans and dangling rows", "because": why})

    def all_errors(self) -> list[dict[str, str]]:
        more = {"what": "more of the same", "message": f"{self.unshown} further failures are not listed here"}
        return [*self.errors, more] if self.unshown else self.errors


@dataclass(frozen=True)
class Case:
    store: Store
    rows: RowSource | None
    spec: Specification
    options: Options
    clock: Clock
    units: Units
    law: Law
    book: RuleBook
    context: Context
    progress: Progress
    ledger: Ledger
    sides: Sides
    verified: Verified | None  # None where nothing is kept from run to run
    pending: PendingSide | None = None
    run_id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def bench(self) -> Bench:
        return Bench(self.spec, self.law)

    @property
    def live(self) -> bool:
        """Whether rows may change while we look."""
        return self.rows is not None and self.rows.as_of is None

    @property
    def turns(self) -> Turns:
        return Turns(self.options.content, self.clock.started, self.options.every)

    def content_rules(self) -> dict[str, list[ContentRule]]:
        """Rules by family. A secret family is never among them: its objects are never downloaded."""
        if self.options.content is Level.NONE:
            return {}
        rules = list(self.book.of(ContentRule))
        wanted = {
            family.name: [rule for rule in rules if family.content in rule.contents]
            for family in self.spec.families
            if not family.secret
        }
        return {name: mine for name, mine in wanted.items() if mine}


def open_case(
    *,
    store: Store,
    rows: RowSource | None,
    spec: Specification,
    rules: Sequence[Rule],
    selected: frozenset[str],
    options: Options,
    clock: Clock,
    folder: Path,
    progress: Progress,
    sides: Sequence[Side] = (),
    pending: PendingSource | None = None,
    not_audited: Sequence[dict[str, str]] = (),
    verified: Verified | None = None,
) -> Case:
    """Freezes the cutoff and everything else that must not move while the bucket is read."""
    cutoff = clock.started - options.min_age
    as_of = rows.as_of if rows else None
    # A backup knows nothing of what came after it, nor of what was still on its way when it was taken.
    object_cutoff = min(cutoff, as_of - options.min_age) if as_of else cutoff
    known = _known(rows, spec, rules, selected, options, object_cutoff)
    side = PendingSide(pending) if pending else None
    book = RuleBook(
        rules,
        store.bucket,
        selected,
        snapshot=as_of is not None,
        unmet=frozenset(_unmet(rows, options, known, pending)),
        reasons={Need.REFERENCES: known.why_not} if known.why_not else {},
    )
    left_out = [*book.not_audited(), *_left_out(known, progress), *not_audited]
    ledger = Ledger(not_audited=left_out, errors=list(known.errors))
    if options.content is Level.NONE:
        ledger.not_audited.append({"what": "contents of objects", "because": "the run was told not to read any"})
    return Case(
        store=store,
        rows=rows,
        spec=spec,
        options=options,
        clock=clock,
        units=Units(folder / "units"),
        law=Law({family.name: family.rows for family in spec.families}, cutoff, object_cutoff),
        book=book,
        context=Context(
            spec,
            store.bucket,
            object_cutoff,
            as_of,
            rows is not None,
            side.due(spec, clock.started) if side else None,
            side.source.as_of if side else None,
        ),
        progress=progress,
        ledger=ledger,
        sides=Sides([*sides, *(one for one in (known.side, side) if one)]),
        verified=verified,
        pending=side,
    )


def _known(
    rows: RowSource | None,
    spec: Specification,
    rules: Sequence[Rule],
    selected: frozenset[str],
    options: Options,
    cutoff: datetime,
) -> Known:
    """What refers to rows, if a rule wants to know."""
    wanting = [info for rule in rules for info in rule.infos if Need.REFERENCES in info.needs and info.code in selected]
    return open_references(rows, spec, options, cutoff) if wanting else Known()


def _left_out(known: Known, progress: Progress) -> list[dict[str, str]]:
    for remark in known.remarks:
        progress.note(remark)
    return [{"what": "some references to files", "because": remark} for remark in known.remarks]


def _unmet(rows: RowSource | None, options: Options, known: Known, pending: PendingSource | None) -> Iterator[Need]:
    if known.side is None:
        yield Need.REFERENCES
    if pending is None:
        yield Need.PENDING
    if rows is None:
        yield Need.ROWS
    if rows is None or rows.as_of is not None:
        yield Need.LIVE_ROWS
    if options.prefix:
        yield Need.FULL_SCAN
