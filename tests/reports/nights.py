"""Runs of nights that have others before them: findings that are new, known, fixed and suppressed.

The history and the baseline of the summary always agree with the findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from auditor.findings import Finding, Severity, State
from auditor.text import isoformat
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import (
    RULES,
    STARTED,
    SampleRun,
    finding,
    hostile_findings,
    in_report_order,
    ordinary_findings,
    sample_run,
)

SINCE = datetime(2026, 2, 1, 3, 30, tzinfo=UTC)
REASON = "builds are kept here until their own bucket is ready"
CHECKED = {code: name for code, (name, *_) in RULES.items()} | {"BAK003": "backup-gap", "UPL001": "abandoned-multipart"}


def new(found: Finding) -> Finding:
    return replace(found, state=State.NEW, first_seen=STARTED, nights=1)


def known(found: Finding, nights: int = 41) -> Finding:
    return replace(found, state=State.KNOWN, first_seen=STARTED - timedelta(days=nights - 1), nights=nights)


def fixed(found: Finding, nights: int = 3) -> Finding:
    return replace(known(found, nights), state=State.FIXED)


def suppressed(found: Finding, reason: str = REASON) -> Finding:
    return replace(found, suppressed=reason)


def stated_run(
    findings: Sequence[Finding], gone: Sequence[Finding] = (), *, runs: int = 41, **changes: Any
) -> SampleRun:
    """A run with a history, and with a baseline if it suppresses anything; `changes` replace entries of the summary."""
    run = sample_run(in_report_order(list(findings)))
    run.gone = in_report_order(list(gone))
    run.summary |= {"run_id": "5e" * 16, "checked": CHECKED, "fail_on_new": None}
    run.summary["history"] = _history(run, runs)
    run.summary["baseline"] = _baseline(run.held)
    for code, count in Counter(item.rule for item in run.held if item.suppressed is not None).items():
        rule = run.summary["rules"][code]
        rule["counted"] = max(0, rule["counted"] - count)
    failing = any(rule["counted"] and rule["severity"] != "info" for rule in run.summary["rules"].values())
    run.summary |= {"exit_code": int(failing)} | changes
    return run


def _history(run: SampleRun, runs: int) -> dict[str, Any]:
    counting = [item for item in run.held if item.suppressed is None]
    states = Counter(str(item.state) for item in [*counting, *run.gone])
    by_rule = Counter((item.rule, str(item.state)) for item in [*counting, *run.gone])
    named = {item.rule: item for item in [*run.held, *run.gone]}
    previous = {"run_id": "4d" * 16, "started_at": isoformat(STARTED - timedelta(days=1))}
    return {
        "since": isoformat(SINCE) if runs else None,
        "runs": runs,
        "previous": previous if runs else None,
        "recorded": True,
        "states": {str(state): states[state] for state in State},
        "rules": {
            code: {"name": item.name, "severity": str(item.severity)}
            | {str(state): by_rule[code, state] for state in State}
            for code, item in sorted(named.items())
        },
    }


def _baseline(findings: Sequence[Finding]) -> dict[str, Any] | None:
    counts = Counter(item.rule for item in findings if item.suppressed is not None)
    if not counts:
        return None
    exceeded = [{"rule": "KEY001", "glob": "tmp/*", "at_most": 10, "matched": 14}]
    return {
        "file": "auditor-baseline.jsonl",
        "entries": 7,
        "suppressed": dict(sorted(counts.items())),
        "expired": 2,
        "unused": 1,
        "exceeded": exceeded,
    }


def history_run(**changes: Any) -> SampleRun:
    """Three new, two fixed, the rest known, and an archive that the baseline has."""
    orphans = [item for item in ordinary_findings() if item.rule == "REF001"]
    dangling = [item for item in ordinary_findings() if item.rule == "REF002"]
    (size,) = [item for item in ordinary_findings() if item.rule == "REF003"]
    (archive,) = [item for item in ordinary_findings() if item.rule == "KEY001"]
    held = [new(orphans[2]), *(known(item) for item in orphans[:2]), *(known(item, 5) for item in orphans[3:])]
    held += [known(dangling[0], 12), new(dangling[1]), known(dangling[2], 2), new(size), suppressed(known(archive, 9))]
    gone = [
        fixed(finding("REF001", "s3_files/images/exports/oseh_ife_gone/r.png", family="images/exports")),
        fixed(finding("EMB002", "s3_files/journey_embeddings/1773000000.bin", severity=Severity.ERROR), 1),
    ]
    return stated_run(held, gone, **changes)


def first_run() -> SampleRun:
    return stated_run([new(item) for item in ordinary_findings()], runs=0)


def quiet_run() -> SampleRun:
    """Nothing is new, and what is known fails nothing."""
    held = [known(finding("KEY005", f"folder/{place}/", size=0), 30 - place) for place in range(3)]
    return stated_run(held, not_audited=[])


def suppressed_run() -> SampleRun:
    """Everything that was found is in the baseline."""
    return stated_run([suppressed(known(item)) for item in ordinary_findings()], not_audited=[])


def hostile_history_run() -> SampleRun:
    """Hostile keys in every state, and as the reason of a baseline, its file and its globs."""
    turns = [new, known, lambda found: suppressed(known(found), found.key)]
    held = [turns[place % 3](found) for place, found in enumerate(hostile_findings())]
    gone = [fixed(finding("REF001", key, message=key, suggestion=key, family=key)) for key in HOSTILE_KEYS]
    run = stated_run(held, gone)
    exceeded = [{"rule": "KEY001", "glob": key, "at_most": 1, "matched": 2} for key in HOSTILE_KEYS]
    run.summary["baseline"] |= {"file": HOSTILE_KEYS[0], "exceeded": exceeded}
    return run


def stated_runs() -> dict[str, SampleRun]:
    """One run of every sort, for what must hold for all of them."""
    return {
        "history": history_run(),
        "first": first_run(),
        "quiet": quiet_run(),
        "suppressed": suppressed_run(),
        "hostile history": hostile_history_run(),
    }
