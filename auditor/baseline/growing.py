"""`auditor baseline create`: what a run has goes into the baseline, and never without being told to over an old one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path

from auditor.baseline.baseline import Baseline
from auditor.baseline.entries import Group, Single
from auditor.baseline.file import read_entries, write_entries
from auditor.baseline.shelf import Shelf
from auditor.errors import CannotStart
from auditor.findings import Finding
from auditor.spec.globs import matchers

_PAGE = 5_000


@dataclass(frozen=True)
class Growth:
    """What is to be added: of these codes, with this reason, as one group for each of the `grouped` codes."""

    findings: Callable[[], Iterator[Finding]]  # of the run, anew at each call
    chosen: Collection[str]
    grouped: Collection[str]
    reason: str
    today: date  # of the run


@dataclass
class _New:
    added: Counter[str] = field(default_factory=Counter)  # findings by rule that the old baseline does not suppress
    beginnings: dict[str, str] = field(default_factory=dict)  # by grouped rule: how the keys of those begin
    raised: dict[tuple[str, str], Group] = field(default_factory=dict)  # groups that have too many


def grow(path: Path, growth: Growth, *, accept_new: bool) -> Counter[str]:
    """Writes the baseline; returns how many findings of each rule it suppresses now and did not before.

    What is there keeps its reason and expiry, and nothing is removed. Raises CannotStart when a file is there already
    and would suppress more than it does, unless `accept_new`.
    """
    there = path.exists()
    with closing(Shelf(read_entries(path) if there else ())) as shelf:
        new = _collect(shelf, Baseline(path, growth.today) if there else None, growth)
        if there and new.added and not accept_new:
            told = ", ".join(f"{count:,} of {code}" for code, count in sorted(new.added.items()))
            raise CannotStart(f"{path} would suppress more than it does ({told}): add --accept-new to agree")
        for group in [*new.raised.values(), *_groups(growth, new.beginnings)]:
            shelf.put(group)
        write_entries(shelf.entries(), path)
    return new.added


def _collect(shelf: Shelf, baseline: Baseline | None, growth: Growth) -> _New:
    """Puts new entries about single findings on the shelf, and says what else is new."""
    new = _New()
    if baseline is not None:
        baseline.measure(growth.findings())
    for finding in _unsuppressed(baseline, growth):
        new.added[finding.rule] += 1
        if baseline is not None and (full := baseline.exceeded_by(finding)) is not None:
            group, matched = full
            new.raised[group.rule, group.glob] = replace(group, at_most=matched)
        elif finding.rule in growth.grouped:
            known = new.beginnings.get(finding.rule, finding.key)
            new.beginnings[finding.rule] = _common(known, finding.key)
        else:
            shelf.put(Single(finding.rule, finding.key, finding.fingerprint, growth.reason, growth.today))
    if baseline is not None:
        baseline.close()
    return new


def _unsuppressed(baseline: Baseline | None, growth: Growth) -> Iterator[Finding]:
    rest = growth.findings()
    while page := list(islice(rest, _PAGE)):
        reasons = baseline.reasons(page) if baseline is not None else [None] * len(page)
        for finding, why in zip(page, reasons, strict=True):
            if why is None and finding.rule in growth.chosen:
                yield finding


def _groups(growth: Growth, beginnings: dict[str, str]) -> Iterator[Group]:
    """One group for each rule: its glob is how all the keys begin, and it allows as many as there are now."""
    globs = {rule: f"{_literal(beginning)}*" for rule, beginning in beginnings.items()}
    patterns = {rule: matchers([glob])[0] for rule, glob in globs.items()}
    counts: Counter[str] = Counter()
    for finding in growth.findings() if globs else ():
        counts[finding.rule] += finding.rule in patterns and patterns[finding.rule].match(finding.key) is not None
    for rule, glob in globs.items():
        yield Group(rule, glob, counts[rule], growth.reason, growth.today)


def _common(one: str, other: str) -> str:
    """
    >>> _common("builds/a", "builds/b")
    'builds/'
    """
    shortest = min(len(one), len(other))
    return one[: next((at for at in range(shortest) if one[at] != other[at]), shortest)]


def _literal(beginning: str) -> str:
    """Up to the first character that a glob gives a meaning.

    >>> _literal("builds/v?/"), _literal("builds/")
    ('builds/v', 'builds/')
    """
    return beginning[: min((at for at in (beginning.find(one) for one in "*?") if at >= 0), default=len(beginning))]
