"""`auditor baseline prune`: the baseline without what a run looked for and does not have, and what has expired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from auditor.baseline.entries import Entry, Group, Single, holds
from auditor.baseline.file import read_entries, write_entries
from auditor.baseline.shelf import Shelf
from auditor.findings import Finding, RuleInfo, RuleKind
from auditor.history.evidence import Evidence
from auditor.protocols import Depth
from auditor.runs.folder import RunFolder
from auditor.runs.looked import FILENAME as LOOKED
from auditor.spec.globs import matchers


@dataclass(frozen=True)
class Pruned:
    """How many entries went and how many are left, and how many groups allow fewer than before."""

    gone: int
    expired: int
    lowered: int
    left: int


def prune(path: Path, run: RunFolder, infos: Mapping[str, RuleInfo]) -> Pruned:
    """Raises CannotStart for a file that is no baseline. The run must be complete."""
    evidence = Evidence(run.summary, infos, run.objects, run.folder / LOOKED)
    today = date.fromisoformat(run.summary["started_at"][:10])
    with closing(Shelf(read_entries(path))) as shelf:
        expired = _drop(shelf, [entry for entry in shelf.entries() if not holds(entry, today)])
        groups = _changed_groups(shelf.groups(), run.findings(), evidence)
        gone = _drop(shelf, _gone(shelf, run, evidence))
        gone += _drop(shelf, [group for group, matched in groups if not matched])
        lowered = [replace(group, at_most=matched) for group, matched in groups if matched]
        for group in lowered:
            shelf.put(group)
        write_entries(shelf.entries(), path)
        return Pruned(gone, expired, len(lowered), sum(1 for _ in shelf.entries()))


def _drop(shelf: Shelf, entries: Sequence[Entry]) -> int:
    for entry in entries:
        shelf.drop(entry)
    return len(entries)


def _gone(shelf: Shelf, run: RunFolder, evidence: Evidence) -> list[Entry]:
    """Nothing says how deep a fault lay, so contents must have been looked at whole, or the history calls it fixed."""
    shelf.found(finding.fingerprint for finding in run.findings())
    fixed = Shelf(_single(finding) for finding in run.fixed())
    with closing(fixed):
        return [entry for entry in shelf.lost() if _is_gone(entry, evidence) or fixed.has(entry)]


def _is_gone(entry: Single, evidence: Evidence) -> bool:
    return evidence.looked_again(entry.rule, entry.key, depth=Depth.FULL, horizon=0)


def _changed_groups(
    groups: Sequence[Group], findings: Iterable[Finding], evidence: Evidence
) -> list[tuple[Group, int]]:
    """Groups that have fewer findings than they allow, with how many, as far as the run can tell of all their keys."""
    told = [group for group in groups if not evidence.prefix and _told_by_silence(group.rule, evidence)]
    patterns = [matchers([group.glob])[0] for group in told]
    counts = [0] * len(told)
    for finding in findings if told else ():
        for at, (group, pattern) in enumerate(zip(told, patterns, strict=True)):
            counts[at] += finding.rule == group.rule and pattern.match(finding.key) is not None
    return [(group, count) for group, count in zip(told, counts, strict=True) if count < group.at_most]


def _told_by_silence(code: str, evidence: Evidence) -> bool:
    """Contents are looked at in turns, so fewer findings need not mean fewer faults."""
    info = evidence.infos.get(code)
    return info is not None and info.kind is not RuleKind.CONTENT


def _single(finding: Finding) -> Single:
    return Single(finding.rule, finding.key, finding.fingerprint, reason="fixed", added=date.min)
