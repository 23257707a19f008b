"""The forms in which `auditor diff` tells what it found, as text in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from auditor.findings import Finding
from auditor.findings_csv import COLUMNS, cells_of, write_records
from auditor.history.diff import Diff, Verdict, family_changes
from auditor.text import human_bytes, isoformat, printable


def as_csv(diff: Diff, limit: int) -> Iterator[str]:
    """Everything: a column `state`, then those of findings.csv, written as there."""
    rows = ([str(verdict), *cells_of(finding)] for verdict in Verdict for finding in diff.findings(verdict))
    return write_records(("state", *COLUMNS), rows)


def as_json(diff: Diff, limit: int) -> Iterator[str]:
    """Everything: one object, whose `findings` has one line for each."""
    head = {
        "old": _run(diff.old.summary),
        "new": _run(diff.new.summary),
        "totals": {str(verdict): diff.total(verdict) for verdict in Verdict},
        "rules": {code: _rule(diff, code) for code in sorted(diff.rules)},
        "families": {name or "": change for name, change in _changes(diff).items()},
    }
    yield json.dumps(head, indent=2)[:-2] + ',\n  "findings": ['
    between = "\n    "
    for verdict in Verdict:
        for finding in diff.findings(verdict):
            yield between + json.dumps({"state": str(verdict), **_exact(finding)})
            between = ",\n    "
    yield "\n  ]\n}\n"


def as_text(diff: Diff, limit: int) -> Iterator[str]:
    for name, run in (("older", diff.old), ("newer", diff.new)):
        yield f"{name}  {printable(str(run.folder))}, begun {run.summary['started_at'][:19]}Z\n"
    yield ", ".join(f"{diff.total(verdict):,} {str(verdict).replace('-', ' ')}" for verdict in Verdict) + "\n"
    for verdict in (Verdict.NEW, Verdict.FIXED):
        yield from _listed(diff, verdict, limit)
    yield from _rules(diff)
    yield from _families(diff)
    yield from _left_out(diff)


def _listed(diff: Diff, verdict: Verdict, limit: int) -> Iterator[str]:
    total = diff.total(verdict)
    if total:
        yield f"\n{verdict}\n"
    for finding in islice(diff.findings(verdict), limit):
        note = f" (suppressed: {printable(finding.suppressed)})" if finding.suppressed is not None else ""
        yield f"  {finding.rule} {finding.severity:<7}  {printable(finding.key) or 'no key'}{note}\n"
        yield f"    {printable(finding.message)}\n"
    if total > limit:
        yield f"  and {total - limit:,} more: --format csv has them all\n"


def _rules(diff: Diff) -> Iterator[str]:
    if diff.rules:
        yield f"\n{'rule':<32}  {'severity':<8}" + "".join(f"  {verdict:>12}" for verdict in Verdict) + "\n"
    for code, (name, severity) in sorted(diff.rules.items()):
        numbers = "".join(f"  {diff.counts[code, verdict]:>12,}" for verdict in Verdict)
        yield f"{printable(f'{code} {name}'):<32}  {severity:<8}{numbers}\n"


def _families(diff: Diff) -> Iterator[str]:
    changes = _changes(diff)
    if changes:
        yield f"\n{'family':<32}  {'objects':>12}  {'bytes':>12}\n"
    for name, change in changes.items():
        sign = "-" if change["bytes"] < 0 else "+"
        size = f"{sign}{human_bytes(abs(change['bytes']))}"
        yield f"{printable(name or 'no family'):<32}  {change['objects']:>+12,}  {size:>12}\n"


def _left_out(diff: Diff) -> Iterator[str]:
    left_out = [code for code in sorted(diff.rules) if diff.counts[code, Verdict.NOT_COMPARED]]
    if left_out:
        yield "\nnot compared, because\n"
    for why, codes in groupby(sorted(left_out, key=lambda code: _why(diff, code)), lambda code: _why(diff, code)):
        yield f"  {why}:\n    {', '.join(map(printable, codes))}\n"


def _why(diff: Diff, code: str) -> str:
    return diff.why_not(code) or "one of the runs did not look there, or not with what it takes to tell"


def _changes(diff: Diff) -> dict[str | None, dict[str, int]]:
    """Nothing where the runs are of different prefixes: that would be no growth."""
    old, new = diff.old.summary, diff.new.summary
    return family_changes(old, new) if old["prefix"] == new["prefix"] else {}


def _run(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: summary.get(name) for name in ("run_id", "bucket", "prefix", "started_at", "complete")}


def _rule(diff: Diff, code: str) -> dict[str, Any]:
    name, severity = diff.rules[code]
    counts = {str(verdict): diff.counts[code, verdict] for verdict in Verdict}
    why = _why(diff, code) if counts[Verdict.NOT_COMPARED] else None
    return {"name": name, "severity": severity, **counts, "not_compared_because": why}


def _exact(finding: Finding) -> dict[str, Any]:
    """Text as it is, without the quotes that keep it from being a formula in a spreadsheet; absent is null."""
    values = {name: getattr(finding, name) for name in (*COLUMNS, "suppressed")}
    return values | {"last_modified": finding.last_modified and isoformat(finding.last_modified)}
