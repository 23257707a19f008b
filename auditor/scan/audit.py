"""One audit, from the frozen cutoff to the closed books.

canary  ->  sweep every shard (list, then rows)  ->  canary again  ->  contents, pause, second look, second reading
->  rules about the run  ->  objects.parquet and the accounts  ->  summary
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from auditor.errors import RowsFailed
from auditor.findings import Finding, RuleKind
from auditor.scan.accounts import Accounts, write_objects
from auditor.scan.beside import rules_beside_the_listing
from auditor.scan.canary import Canary, examine, release
from auditor.scan.case import Case
from auditor.scan.columns import RowClass
from auditor.scan.content.closing import close_contents
from auditor.scan.content.session import Session
from auditor.scan.content.turns import Level
from auditor.scan.findings_files import Tallies, fail_on_looks_at, findings_in_order
from auditor.scan.judging import judge
from auditor.scan.merge import prefix_range
from auditor.scan.pending import described, doubts
from auditor.scan.recount import recount
from auditor.scan.rollup import roll_up
from auditor.scan.shards import plan_shards
from auditor.scan.summary import Outcome, Times, summarise
from auditor.scan.sweep import Sweep, Swept
from auditor.scan.units import Units, is_beside_the_listing


@dataclass(frozen=True)
class Staged:
    """A run that is judged and counted, and not yet in its folder."""

    summary: dict[str, Any]
    objects: Path
    units: Units

    def findings(self) -> Iterator[Finding]:
        return findings_in_order(self.units)

    def fixed(self) -> Iterator[Finding]:
        return iter(())  # what was there before is not known yet

    def dangling_rows(self) -> Iterator[pa.Table]:
        for unit in self.units.all("dangling"):
            yield self.units.need(unit, "dangling")


def audit(case: Case, folder: Path) -> Staged:
    """Runs a whole audit; everything it writes lies under `folder`."""
    times = Times(case.clock.started, case.law.cutoff)
    swept, canary = _sweep_and_doubt(case, times)
    session = Session(case.turns, case.options.limit, case.clock.elapsed, case.units)
    row_classes = judge(case, swept, session) + sum((shard.row_classes for shard in swept), Counter[str]())
    case.ledger.fail(case.sides.errors)
    case.ledger.not_audited += case.sides.not_audited
    case.ledger.not_audited += doubts(case.pending, case.spec)
    contents = close_contents(case, session)
    objects = folder / "objects.parquet"
    case.progress.stage("writing the record")
    accounts = write_objects(case.units, objects, age_counts=not case.ledger.distrusted)
    _check_sums(case, swept, accounts, row_classes)
    row_classes[RowClass.OUTSIDE] += _outside(case)
    unexplained = roll_up(case.units, rows_known=_rows_known(case, swept))

    tallies = Tallies(fail_on_looks_at(case.book.infos))

    def staged() -> Staged:
        summary = _close(case, times, swept, accounts, row_classes, unexplained, tallies, canary, contents)
        return Staged(summary, objects, case.units)

    tallies.add(case.units, case.units.all())
    rules_beside_the_listing(case, staged)
    tallies.add(case.units, filter(is_beside_the_listing, case.units.all()))
    times.ended = case.clock.now()
    return staged()


def _sweep_and_doubt(case: Case, times: Times) -> tuple[list[Swept], dict[str, int] | None]:
    """The sweep of every shard, and what became of the canary. Evidence that is not whole is distrusted."""
    canary = release(case)
    times.listing_started = case.clock.now()
    swept = _sweep(case, canary)
    times.listing_ended = case.clock.now()
    recount(case, swept)
    return swept, examine(case, canary, swept)


def _sweep(case: Case, canary: Canary) -> list[Swept]:
    sweep = Sweep(
        store=case.store,
        rows=case.rows,
        prefix=case.options.prefix,
        bench=case.bench,
        book=case.book,
        context=case.context,
        units=case.units,
        progress=case.progress,
        content_families=frozenset(case.content_rules()),
        sides=case.sides,
        verified=case.verified,
        watched=canary.keys,
    )
    case.progress.stage("listing and comparing")
    case.sides.begin(again=False)
    with ThreadPoolExecutor(case.options.workers, "sweep") as executor:
        try:
            swept = list(executor.map(sweep, plan_shards(case.rows, case.spec, case.options)))
        except BaseException:
            sweep.stopped.set()  # or leaving the executor would wait for the end of the bucket
            raise
    for shard in swept:
        case.ledger.fail(shard.errors)
    if case.rows is not None and case.rows.unreadable_keys:
        message = f"{case.rows.unreadable_keys} rows have a key that is not text, so they were compared with nothing"
        case.ledger.fail([{"what": "rows", "message": message}])
    return swept


def _check_sums(case: Case, swept: list[Swept], accounts: Accounts, row_classes: Counter[str]) -> None:
    """Nothing vanishes: what was listed and read is what was classed, or the run says that it cannot be trusted."""
    total = accounts.total()
    pairs = [
        ("objects", sum(shard.objects for shard in swept), total.objects),
        ("bytes", sum(shard.size for shard in swept), total.size),
        ("rows", sum(shard.rows for shard in swept), row_classes.total()),
    ]
    for what, read, classed in pairs:
        if read != classed:
            message = f"{read} {what} were read and {classed} are in a class: this is a fault of the auditor"
            case.ledger.fail([{"what": "accounting", "message": message}])


def _outside(case: Case) -> int:
    """Rows whose key is not under the scanned prefix; they were counted, not read."""
    if case.rows is None or not case.options.prefix:
        return 0
    _, beyond = prefix_range(case.options.prefix)
    try:
        return case.rows.count() - case.rows.count(case.options.prefix, beyond)
    except RowsFailed as error:
        case.ledger.fail([{"what": "rows outside the prefix", "message": str(error)}])
        return 0


def _rows_known(case: Case, swept: list[Swept]) -> bool:
    """Whether it can be said of any key that no row has it."""
    return case.rows is not None and not case.ledger.distrusted and not any(shard.rows_failed for shard in swept)


def _close(
    case: Case,
    times: Times,
    swept: list[Swept],
    accounts: Accounts,
    row_classes: Counter[str],
    unexplained: list[dict[str, Any]],
    tallies: Tallies,
    canary: dict[str, int] | None,
    contents: dict[str, Any] | None,
) -> dict[str, Any]:
    failed = sum(shard.failed for shard in swept)
    outcome = Outcome(
        run_id=case.run_id,
        times=times,
        accounts=accounts,
        row_classes=row_classes,
        unexplained=unexplained,
        rules=tallies.by_code(),
        checked=_checked(case),
        canary=canary,
        pending=described(case.pending),
        contents=contents,
        not_audited=case.ledger.not_audited,
        shards_done=len(swept) - failed,
        shards_failed=failed,
        errors=case.ledger.all_errors(),
    )
    return summarise(case.options, case.store, case.rows, case.spec, case.book.infos, outcome)


def _checked(case: Case) -> dict[str, str]:
    """Codes and names of the rules that looked at all that they are about: what they do not report is not there."""
    left_out = {item["what"] for item in case.ledger.not_audited}
    infos = [info for code, info in case.book.infos.items() if case.book.runs(code)]
    read = case.options.content is not Level.NONE
    return {
        info.code: info.name
        for info in infos
        if f"{info.code} {info.name}" not in left_out and (read or info.kind is not RuleKind.CONTENT)
    }
