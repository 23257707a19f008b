"""When a plan is refused as a whole: what it rests on is not whole, too old, or it takes too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from auditor.cleanup.model import Action, Item
from auditor.cleanup.selection import Selection
from auditor.spec import Specification
from auditor.text import isoformat, printable, share

_READ_BY = {"database-backup": "BAK001", "redis-backup": "BAK002"}
CLOCKS = timedelta(minutes=15)  # how far this machine's clock and the store's may be apart


@dataclass(frozen=True)
class Limits:
    max_run_age: timedelta = timedelta(days=1)
    min_nights: int = 2
    max_share: float = 0.1  # of the objects, or of the bytes, of any family
    max_objects: int = 10_000

    def described(self) -> dict[str, Any]:
        return {"min_nights": self.min_nights, "max_share": self.max_share, "max_objects": self.max_objects}


@dataclass
class Totals:
    """Of a plan. An object on two grounds counts for each rule, and once in all else."""

    objects: int = 0
    size: int = 0  # bytes
    uploads: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    rule_bytes: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    family_bytes: Counter[str] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        size = item.size or 0
        for rule in set(item.rules):
            self.rules[rule] += 1
            self.rule_bytes[rule] += size
        if item.action is Action.ABORT:
            self.uploads += 1
            return
        self.objects += 1
        self.size += size
        self.families[item.family or ""] += 1
        self.family_bytes[item.family or ""] += size

    def described(self) -> dict[str, Any]:
        return {
            "objects": self.objects,
            "bytes": self.size,
            "uploads": self.uploads,
            "rules": _pairs(self.rules, self.rule_bytes),
            "families": _pairs(self.families, self.family_bytes),
        }


def _pairs(counts: Counter[str], sizes: Counter[str]) -> dict[str, dict[str, int]]:
    return {name: {"objects": counts[name], "bytes": sizes[name]} for name in sorted(counts)}


def refusals(
    summary: Mapping[str, Any],
    selection: Selection,
    limits: Limits,
    spec: Specification,
    now: datetime,
    witnesses: Sequence[Any],
) -> list[str]:
    """Why no plan may be made from this run, each in a sentence; nothing when one may."""
    return [
        *_of_the_run(summary, limits, spec, now),
        *_of_rows(summary, selection, witnesses),
        *_of_backups(summary, selection, spec),
    ]


def _of_the_run(summary: Mapping[str, Any], limits: Limits, spec: Specification, now: datetime) -> Iterator[str]:
    started = datetime.fromisoformat(summary["started_at"])
    if not summary["complete"]:
        yield "the run is incomplete, so what it did not find may be there: scan again until it says complete"
    if started < now - limits.max_run_age:
        yield (
            f"the run began at {isoformat(started)}, which is longer ago than --max-run-age allows: "
            "scan again, or pass a longer one"
        )
    if started > now + CLOCKS:
        yield f"the run began at {isoformat(started)}, which is ahead of this machine's clock: set the clock right"
    if summary["spec"]["sha256"] != spec.sha256:
        yield "the run was made with another document than this one: name the same with --spec and --bindings"


def _of_rows(summary: Mapping[str, Any], selection: Selection, witnesses: Sequence[Any]) -> Iterator[str]:
    rests_on_rows = selection.superseded or bool(selection.codes - {"UPL001"})
    if rests_on_rows and summary["rows"]["source"] is None:
        yield "the run had no rows to compare with, so nothing in it is known to be an orphan: scan with --db"
    elif rests_on_rows and not witnesses:
        yield "no object of the run has a row, so nothing shows that its database is the one of this bucket: check --db"
    if "REF001" in selection.codes and "REF006" not in summary.get("checked", ()):
        yield (
            "the run did not look for objects under another spelling of their row's key (REF006), which look like "
            "orphans: scan again without leaving that rule out"
        )


def _of_backups(summary: Mapping[str, Any], selection: Selection, spec: Specification) -> Iterator[str]:
    if unread := sorted(_unread(summary, selection, spec)):
        yield (
            f"the run did not read the backups of {', '.join(unread)}, so nobody knows which of them are whole: "
            "scan again without --no-content"
        )
    elif never := _never_read(summary, selection, spec):
        yield (
            f"the contents of {never:,} objects were never looked at, and backups may be among them, so nobody knows "
            "which backups are whole: scan again with a larger budget for contents"
        )


def _never_read(summary: Mapping[str, Any], selection: Selection, spec: Specification) -> int:
    """Objects of a known format that no run has looked into, save those that could not be read (RUN001)."""
    read = any(spec.family(one.family).content in _READ_BY for one in selection.retentions)
    contents = summary.get("contents")
    if not read or not contents:
        return 0
    return max(0, int(contents["never"]["objects"]) - int(summary["findings"].get("RUN001", 0)))


def _unread(summary: Mapping[str, Any], selection: Selection, spec: Specification) -> Iterator[str]:
    """Families of backups whose contents no rule looked at."""
    for retention in selection.retentions:
        rule = _READ_BY.get(spec.family(retention.family).content or "")
        if rule is not None and rule not in summary.get("checked", ()):
            yield retention.family


def exceeded(totals: Totals, summary: Mapping[str, Any], limits: Limits) -> list[str]:
    """By which limits the plan is above; what only an override lets through."""
    found = []
    count = totals.objects + totals.uploads
    if count > limits.max_objects:
        found.append(f"{count:,} objects and uploads are more than --max-objects ({limits.max_objects:,})")
    for name in sorted(totals.families):
        whole = summary["families"].get(name) or {"objects": 0, "bytes": 0}
        for what, part in (("objects", totals.families[name]), ("bytes", totals.family_bytes[name])):
            if part > limits.max_share * whole[what]:
                found.append(
                    f"{share(part, whole[what])} of the {what} of {printable(name) or 'no family'} "
                    f"are more than --max-share ({100 * limits.max_share:g} %)"
                )
    return found
