"""The digest's sentences, the same in every message."""

from __future__ import annotations

from auditor.findings import Severity
from auditor.telling.digest import Digest, RuleCount

_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}


def counted(amount: int, noun: str) -> str:
    """
    >>> counted(1, "error"), counted(1200, "error")
    ('1 error', '1,200 errors')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def total(rules: tuple[RuleCount, ...]) -> int:
    return sum(rule.count for rule in rules)


def verdict(digest: Digest) -> str:
    """One line, without the bucket's name and without anything that comes from a bucket."""
    return f"{_wholeness(digest)}: {_findings(digest)} (exit code {digest.exit_code})"


def _wholeness(digest: Digest) -> str:
    if digest.complete:
        return "complete"
    return f"NOT COMPLETE, since {counted(len(digest.errors), 'part')} of the evidence failed; prove nothing by it"


def _findings(digest: Digest) -> str:
    if digest.compared:
        words = f"{total(digest.new):,} new, {total(digest.fixed):,} fixed, {digest.known:,} known"
    else:
        words = _by_severity(digest.found) or "nothing found"
    return words + (f", {digest.suppressed:,} suppressed" if digest.suppressed else "")


def _by_severity(rules: tuple[RuleCount, ...]) -> str:
    sums = {severity: sum(rule.count for rule in rules if rule.severity is severity) for severity in _NOUNS}
    return ", ".join(counted(amount, _NOUNS[severity]) for severity, amount in sums.items() if amount)
