"""Which rules looked at all that they are about, so that what they do not report is not there."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import RuleInfo, RuleKind
from auditor.protocols import ContentRule, Rule
from auditor.scan.case import Case
from auditor.scan.content.turns import Level


def checked(case: Case) -> dict[str, str]:
    """Names by code, in code order. One gap is enough to keep a rule out: then its silence proves nothing."""
    left_out = {item["what"] for item in case.ledger.not_audited}
    gaps = {info.code for rule in _with_gaps(case, left_out) for info in rule.infos}
    return {
        info.code: info.name
        for info in _running(case)
        if f"{info.code} {info.name}" not in left_out and info.code not in gaps
    }


def _running(case: Case) -> Iterator[RuleInfo]:
    read = case.options.content is not Level.NONE
    for code, info in case.book.infos.items():
        if case.book.runs(code) and (read or info.kind is not RuleKind.CONTENT):
            yield info


def _with_gaps(case: Case, left_out: set[str]) -> Iterator[Rule]:
    """Rules that lacked a table or column of the database, be it for one family alone."""
    lacking = {one.name for side in case.sides.sides if getattr(side, "not_audited", ()) for one in side.fields}
    for rule in case.book.rules:
        unanswered = isinstance(rule, ContentRule) and any(
            f"contents against {name}" in left_out for name in rule.queries
        )
        if unanswered or lacking & set(getattr(rule, "reads", ())):
            yield rule
