"""Rules that look beside the listing: at the document, at the bucket, at the finished run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from auditor.errors import CallRefused, ReadFailed
from auditor.findings import Finding, Need, Problem
from auditor.protocols import BucketRule, DocumentRule, RunRule
from auditor.record import RunSoFar
from auditor.scan.case import Case
from auditor.scan.rulebook import Facts, RuleBook, findings_table
from auditor.scan.units import BESIDE_THE_LISTING, Unit
from auditor.text import printable

PAGE = 5_000  # findings


def rules_beside_the_listing(case: Case, run_so_far: Callable[[], RunSoFar]) -> None:
    """Their findings go into units of their own. `run_so_far` is the run without them.

    Rules about the run may speak of every key of the bucket, so what each says is written page by page.
    """
    findings = [*_document(case), *_bucket(case)]
    case.units.write(BESIDE_THE_LISTING, "findings", findings_table(findings))
    for number, said in enumerate(_run(case, run_so_far), 1):
        for page, part in enumerate(_parts(said)):
            case.units.write(Unit(BESIDE_THE_LISTING.shard, number, page), "findings", findings_table(part))


def _parts(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    while part := list(islice(findings, PAGE)):
        yield part


def _document(case: Case) -> Iterator[Finding]:
    for rule in case.book.of(DocumentRule):
        yield from _said(case.book, rule.check_document(case.context))


def _bucket(case: Case) -> Iterator[Finding]:
    for rule in case.book.of(BucketRule):
        try:
            yield from _said(case.book, rule.check_bucket(case.store, case.options.prefix, case.context))
        except CallRefused as error:
            case.ledger.not_audited += [
                {"what": f"{info.code} {info.name}", "because": str(error)}
                for info in rule.infos
                if case.book.runs(info.code)
            ]
        except ReadFailed as error:
            codes = ", ".join(info.code for info in rule.infos)
            case.ledger.fail([{"what": f"calls of {codes}", "message": str(error)}])


def _run(case: Case, run_so_far: Callable[[], RunSoFar]) -> Iterator[Iterator[Finding]]:
    """What each rule says. What rests on the whole run is silent when the run is not whole."""
    book = case.book
    if not any(book.of(RunRule)):
        return
    run = run_so_far()
    if not run.summary["complete"]:
        book = replace(book, unmet=book.unmet | {Need.COMPLETE_RANGE, Need.FULL_SCAN})
    rules = [rule for rule in case.book.rules if isinstance(rule, RunRule)]
    silenced = [info for rule in rules for info in rule.infos if case.book.runs(info.code) and not book.runs(info.code)]
    case.ledger.not_audited += [
        {"what": f"{info.code} {info.name}", "because": Need.COMPLETE_RANGE.value} for info in silenced
    ]
    for rule in book.of(RunRule):
        yield _said(book, rule.check_run(run, case.context))


def _said(book: RuleBook, problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in book.heard(problems):
        facts = Facts(problem.key or "", problem.family, problem.size, problem.last_modified, problem.row_uid)
        yield book.finding(_with_place(problem), facts)


def _with_place(problem: Problem) -> Problem:
    """The message is all that a report shows of the place."""
    if problem.place is None:
        return problem
    file, line, column = problem.place
    return replace(problem, message=f"{printable(file)}:{line}:{column}: {problem.message}")
