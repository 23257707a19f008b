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
    what = f"complete: {_findings(digest)}" if digest.complete else _half(digest)
    return f"{what} (exit code {digest.exit_code})"


def _half(digest: Digest) -> str:
    """Half an audit proves nothing; beside a history, what it came across is told by the next whole one, once."""
    failed = f"NOT COMPLETE, since {counted(len(digest.errors), 'part')} of the evidence failed; prove nothing by it"
    then = "the next complete audit tells what is new and fixed" if digest.compared else _findings(digest)
    return f"{failed}: {then}"


def _findings(digest: Digest) -> str:
    if digest.first:
        words = f"{total(digest.new):,} found, all new, since no audit before this one is on record"
    elif digest.compared:
        words = f"{total(digest.new):,} new, {total(digest.fixed):,} fixed, {digest.known:,} known"
    else:
        words = _by_severity(digest.found) or "nothing found"
    return words + (f", {digest.suppressed:,} suppressed" if digest.suppressed else "")


def _by_severity(rules: tuple[RuleCount, ...]) -> str:
    sums = {severity: sum(rule.count for rule in rules if rule.severity is severity) for severity in _NOUNS}
    return ", ".join(counted(amount, _NOUNS[severity]) for severity, amount in sums.items() if amount)
