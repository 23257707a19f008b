"""Runs beside a history and a baseline, for everything that tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from auditor.findings import Finding, State
from tests.reports.sample import RULES, SampleRun, finding, in_report_order, sample_run


def as_new(*findings: Finding) -> list[Finding]:
    return [replace(each, state=State.NEW, nights=1) for each in findings]


def as_known(*findings: Finding) -> list[Finding]:
    return [replace(each, state=State.KNOWN, nights=5) for each in findings]


def suppressed(*findings: Finding) -> list[Finding]:
    return [replace(each, suppressed="agreed") for each in as_known(*findings)]


def orphans(count: int, prefix: str = "s3_files/images/exports/") -> list[Finding]:
    return [finding("REF001", f"{prefix}{number:04}", family="images/exports") for number in range(count)]


def compared_run(findings: Sequence[Finding] = (), fixed: Sequence[Finding] = (), **changes: Any) -> SampleRun:
    """A run with history, made of findings with states; `fixed` are those of earlier runs."""
    held = in_report_order(list(findings))
    counting = [each for each in held if each.suppressed is None]
    states = Counter(str(each.state) for each in counting)
    rules = {
        code: {
            "name": name,
            "severity": str(severity),
            "new": sum(each.rule == code and each.state is State.NEW for each in counting),
            "known": sum(each.rule == code and each.state is State.KNOWN for each in counting),
            "fixed": sum(each.rule == code for each in fixed),
        }
        for code, (name, severity, *_) in RULES.items()
    }
    history = {
        "since": "2026-03-01T03:30:00Z",
        "runs": 13,
        "previous": {"run_id": "0" * 32, "started_at": "2026-03-13T03:30:00Z"},
        "recorded": True,
        "states": {"new": states["new"], "known": states["known"], "fixed": len(fixed)},
        "rules": rules,
    }
    run = sample_run(held, run_id="a" * 32, history=history, baseline=_baseline(held), **changes)
    return SampleRun(run.summary, held, gone=in_report_order([replace(each, state=State.FIXED) for each in fixed]))


def _baseline(held: Sequence[Finding]) -> dict[str, Any] | None:
    out = Counter(each.rule for each in held if each.suppressed is not None)
    if not out:
        return None
    return {"file": "b", "entries": 1, "suppressed": dict(out), "expired": 0, "unused": 0, "exceeded": []}


def quiet_run(**changes: Any) -> SampleRun:
    """A night on which nothing changed."""
    return compared_run(as_known(*orphans(4)), **changes)


def first_run() -> SampleRun:
    """A night before which nothing is on record."""
    run = compared_run(as_new(*orphans(2)))
    run.summary["history"] |= {"since": None, "runs": 0, "previous": None}
    return run


def changed_run(**changes: Any) -> SampleRun:
    """Five new orphans and a dangling row, four known ones, two suppressed, one fixed."""
    gone = finding("REF003", "s3_files/journals/keys/master/k", family="journals/keys/master")
    row = finding("REF002", "s3_files/audio/hls/x.ts", family="audio/hls", size=None)
    found = as_new(*orphans(5, "s3_files/images/exports/n"), row) + as_known(*orphans(4))
    return compared_run(found + suppressed(*orphans(2, "old/")), [gone], **changes)
