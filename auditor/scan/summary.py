"""What summary.json says; the published schema is beside the JSON report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor import __version__
from auditor.findings import RuleInfo, Severity
from auditor.rows.base import RowSource
from auditor.scan.accounts import Accounts
from auditor.scan.findings_files import RuleTally
from auditor.scan.options import Options
from auditor.spec import Family, Specification, describe_family
from auditor.store.base import Store
from auditor.text import isoformat

SCHEMA_VERSION = 1
EXIT_CLEAN, EXIT_FINDINGS, EXIT_CANNOT_START, EXIT_INCOMPLETE = 0, 1, 2, 3


@dataclass
class Times:
    started: datetime  # by the store's clock, as all of these
    cutoff: datetime
    listing_started: datetime | None = None
    listing_ended: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What happened, as the audit hands it over."""

    run_id: str
    times: Times
    accounts: Accounts
    row_classes: Counter[str]
    unexplained: list[dict[str, Any]]
    rules: dict[str, RuleTally]
    checked: dict[str, str]  # names by code
    canary: dict[str, int] | None
    pending: dict[str, Any] | None
    contents: dict[str, Any] | None
    not_audited: list[dict[str, str]]
    shards_done: int
    shards_failed: int
    errors: list[dict[str, str]]


def summarise(
    options: Options,
    store: Store,
    rows: RowSource | None,
    spec: Specification,
    infos: dict[str, RuleInfo],
    outcome: Outcome,
) -> dict[str, Any]:
    times, total = outcome.times, outcome.accounts.total()
    return {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        "run_id": outcome.run_id,
        "bucket": store.url,
        "prefix": options.prefix,
        "started_at": isoformat(times.started),
        "ended_at": _instant(times.ended),
        "cutoff": isoformat(times.cutoff),
        "min_age_seconds": options.min_age.total_seconds(),
        "listing": {
            "started": _instant(times.listing_started),
            "ended": _instant(times.listing_ended),
            **total.to_dict(),
        },
        "rows": _rows(rows, outcome.row_classes.total()),
        "spec": {
            "file": spec.document,
            "sha256": spec.sha256,
            "families": len(spec.families),
            "bindings": spec.bindings,
        },
        "classes": outcome.accounts.classes(),
        "row_classes": {name: count for name, count in sorted(outcome.row_classes.items()) if count},
        "requests": dict(sorted(store.requests.items())),
        "families": {family.name: _family(family, outcome.accounts) for family in spec.families},
        "no_family": outcome.accounts.family(None),
        "unexplained": outcome.unexplained,
        "findings": {code: tally.count for code, tally in outcome.rules.items()},
        "rules": {code: _rule(infos[code], tally) for code, tally in outcome.rules.items()},
        "checked": outcome.checked,
        "history": None,
        "baseline": None,
        "canary": outcome.canary,
        "pending": outcome.pending,
        "contents": outcome.contents,
        "not_audited": outcome.not_audited,
        "shards": {"done": outcome.shards_done, "failed": outcome.shards_failed},
        "complete": not outcome.errors,
        "errors": outcome.errors,
        "exit_code": exit_code(options.fail_on, infos, outcome),
        "fail_on": str(options.fail_on),
        "fail_on_new": None,
    }


def exit_code(fail_on: Severity, infos: dict[str, RuleInfo], outcome: Outcome) -> int:
    """Incomplete wins over findings."""
    if outcome.errors:
        return EXIT_INCOMPLETE
    bad = any(tally.counted and infos[code].severity >= fail_on for code, tally in outcome.rules.items())
    return EXIT_FINDINGS if bad else EXIT_CLEAN


def _rows(rows: RowSource | None, count: int) -> dict[str, Any]:
    skipped = getattr(rows, "skipped", ())
    return {
        "source": rows.source if rows else None,
        "as_of": _instant(rows.as_of) if rows else None,
        "count": count,
        "skipped": [{"source": source, "reason": reason} for source, reason in skipped],
    }


def _family(family: Family, accounts: Accounts) -> dict[str, Any]:
    """What it holds, and what it is: a report draws it without the document."""
    described = describe_family(family)
    return {**accounts.family(family.name), **{name: described[name] for name in ("template", "line", "fields")}}


def _rule(info: RuleInfo, tally: RuleTally) -> dict[str, Any]:
    return {
        "name": info.name,
        "severity": str(info.severity),
        "summary": info.summary,
        "action": info.action,
        "count": tally.count,
        "bytes": tally.size,
        "counted": tally.counted,
        "examples": tally.examples,
    }


def _instant(moment: datetime | None) -> str | None:
    return isoformat(moment) if moment else None
