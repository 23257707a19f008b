"""`auditor verify PLAN`: every object looked at again, right before the cleanup.

first look (rows)  ->  pause  ->  all rows, for other spellings  ->  second look (rows, HEAD, rows)  ->  the list of
files about to be deleted, and the witnesses, once more  ->  fresh manifests of what is still ready
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.cleanup.beside import Uploads, not_kept, of_backup, uploads_of
from auditor.cleanup.model import Action, Item
from auditor.cleanup.reading import PlanFolder
from auditor.cleanup.recheck import Recheck, rests_on_rows
from auditor.cleanup.spelling import Spellings, spellings_of
from auditor.cleanup.verdict import Judged, Verdict, of_head, read_judged
from auditor.cleanup.witnesses import vouch
from auditor.errors import CannotStart, RowsFailed
from auditor.scan.case import Case
from auditor.scan.looks import look_at
from auditor.store.base import Store

LOOKING = 16  # HEADs under way at once
VALID = timedelta(hours=1)  # what was looked at is used up to then, or looked at again
STRANGE = (
    "most objects that had a row by the run have none in this database: it is that of another bucket or environment; "
    "name the live database of this bucket with --db"
)


@dataclass
class Verified:
    """`looked_at` is when the second look began, by the store's clock."""

    looked_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)  # bytes
    errors: list[dict[str, str]] = field(default_factory=list)

    @property
    def until(self) -> datetime:
        return self.looked_at + VALID

    def add(self, judged: Judged) -> None:
        self.counts[judged.verdict] += 1
        self.sizes[judged.verdict] += judged.item.size or 0


def check_vouched(case: Case, plan: PlanFolder) -> None:
    """Raises CannotStart where the database is not that of the bucket, or cannot be asked."""
    if case.rows is None:
        return
    try:
        if vouch(case.rows, plan.document["witnesses"]):
            return
    except RowsFailed as error:
        raise CannotStart(f"the rows cannot be read: {error}") from error
    raise CannotStart(STRANGE)


@dataclass(frozen=True)
class _Beside:
    """What is known of the whole plan before its objects are looked at again."""

    uploads: Uploads
    exposed: frozenset[str]
    spellings: Spellings

    def judge(self, judged: Judged, store: Store) -> Judged:
        """Whether it is still ready."""
        if judged.verdict is not Verdict.READY:
            return judged
        return of_backup(judged.item, self.exposed) or self.spellings.judge(judged, lambda key: look_at(store, key))


@dataclass
class Verification:
    """One plan, looked at again. `judged` gives each object with its verdict, from disk."""

    plan: PlanFolder
    case: Case
    folder: Path  # for what grows with the plan
    result: Verified = field(init=False)

    def __post_init__(self) -> None:
        self.result = Verified(self.case.clock.now())

    def run(self) -> Iterator[Judged]:
        """Everything is looked at before the first is yielded, since what comes last may save what came first."""
        spool = self.folder / "judged.jsonl"
        with ThreadPoolExecutor(LOOKING, "look") as executor:
            recheck = Recheck(self.case, executor)
            self._first(recheck)
            self._settle()
            self.result.looked_at = self.case.clock.now()
            recheck.begin(again=True)
            with spool.open("x", encoding="ascii") as file:
                for judged in self._second(recheck, executor):
                    file.write(judged.to_line())
        yield from self._last(recheck, spool)
        self.result.errors = [*self.case.ledger.all_errors(), *self.case.sides.errors]

    def _first(self, recheck: Recheck) -> None:
        if self.case.rows is None:
            return
        self.case.progress.stage("looking at rows")
        recheck.begin(again=False)
        for number, chunk in enumerate(self.plan.chunks()):
            recheck.first(number, list(filter(rests_on_rows, chunk)))
            self.case.progress.advance(len(chunk))

    def _settle(self) -> None:
        """Waits for what may be moving: a row that is being replaced, a use that moves from one table to another."""
        seconds = self.case.options.settle.total_seconds()
        if self.case.live and seconds > 0:
            self.case.progress.stage(f"waiting {seconds:.0f} s before the second look")
            self.case.clock.pause(seconds)

    def _second(self, recheck: Recheck, executor: ThreadPoolExecutor) -> Iterator[Judged]:
        document = self.plan.document
        store = self.case.store
        self.case.progress.stage("looking again")
        beside = _Beside(
            uploads_of(store, document["run"]["prefix"], self.plan.items()),
            not_kept(document["retention"], lambda key: look_at(store, key)),
            spellings_of(self.case, self.plan.items(), self.folder),
        )
        for number, chunk in enumerate(self.plan.chunks()):
            yield from self._of_chunk(recheck, executor, number, chunk, beside)
            self.case.progress.advance(len(chunk))

    def _of_chunk(
        self,
        recheck: Recheck,
        executor: ThreadPoolExecutor,
        number: int,
        chunk: Sequence[Item],
        beside: _Beside,
    ) -> Iterator[Judged]:
        by_rows = list(filter(rests_on_rows, chunk))
        alone = [item for item in chunk if item.action is Action.DELETE and not rests_on_rows(item)]
        heads = executor.map(lambda item: look_at(self.case.store, item.key), alone)
        looked = [of_head(item, head) or Judged(item, Verdict.READY) for item, head in zip(alone, heads, strict=True)]
        judged = [*(recheck.second(number, by_rows) if by_rows else ()), *looked]
        judged = [beside.judge(one, self.case.store) for one in judged]
        cutoff = self.case.law.cutoff
        judged += [beside.uploads.judge(item, cutoff) for item in chunk if item.action is Action.ABORT]
        yield from sorted(judged, key=lambda one: one.item.key)

    def _last(self, recheck: Recheck, spool: Path) -> Iterator[Judged]:
        """The list of files about to be deleted comes last, since it saves; the database vouches for itself anew."""
        doubt = self._doubt()
        with spool.open(encoding="ascii") as lines:
            for line in lines:
                judged = read_judged(line)
                if judged.verdict is Verdict.READY and rests_on_rows(judged.item):
                    judged = self._saved(judged, recheck, doubt)
                self.result.add(judged)
                yield judged

    def _doubt(self) -> str | None:
        """Why nothing that rests on rows is ready; None where nothing speaks against it."""
        try:
            if self.case.rows is not None and not vouch(self.case.rows, self.plan.document["witnesses"]):
                return self._failed("the database", STRANGE)
            if self.case.pending is not None:
                self.case.pending.begin(again=True)
        except RowsFailed as error:
            return self._failed("the last look at rows and at the list of files about to be deleted", str(error))
        return None

    def _failed(self, what: str, message: str) -> str:
        self.case.ledger.fail([{"what": what, "message": message}])
        return "the last look at rows and at the list of files about to be deleted failed"

    def _saved(self, judged: Judged, recheck: Recheck, doubt: str | None) -> Judged:
        if doubt is not None:
            return replace(judged, verdict=Verdict.UNSURE, why=doubt)
        if recheck.pending([judged.item]):
            return replace(judged, verdict=Verdict.REFERENCED, why="it is on the list of files about to be deleted")
        return judged


def counts_of(result: Verified) -> dict[str, dict[str, Any]]:
    """By verdict, for plan.json and for people."""
    return {str(one): {"objects": result.counts[one], "bytes": result.sizes[one]} for one in Verdict}
