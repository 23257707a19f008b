"""What of a run goes into a plan, and what is left out because of what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from itertools import groupby

from auditor.cleanup.joined import Accused, accused
from auditor.cleanup.model import RETENTION, Action, Ground, Item
from auditor.cleanup.retention import Beyond, beyond
from auditor.cleanup.selection import Selection, is_superseded
from auditor.findings import Finding, Severity, fingerprint
from auditor.runs.folder import RunFolder
from auditor.spec import Specification

_CLASS = {"REF001": "orphan", "REF004": "ok", "REF007": "ok"}  # of an object that the rule may have a plan clean
_HANDS_OFF = {
    "REF006": "they are the lost object of a row under another spelling (REF006)",
    "REF008": "they are in use and about to be deleted (REF008)",
}
_DAMAGE = ("EMB", "ZIP", "RUN001")  # rules about the contents of what newer files replace
_BEGUN = re.compile(r"The upload (\S+) was begun at (\S+) and is neither completed nor aborted")
SUPPRESSED = "the baseline suppresses what was found"
FEW_NIGHTS = "they were seen on fewer than {} nights"
NO_HISTORY = "the run knows no nights on which they were seen: pass --min-nights 1 to do without a history"
FILTERED = "the filters leave them out"
SECRET = "their family is secret and was not named with --family"  # noqa: S105 -- no password
NOT_LISTED = "the run did not list them"
CLASSED = "their class is not one that a plan may hold"
MOVED = "they changed while the run looked"
ANEW = "they were written after they were first seen, so that the nights are those of another object"
LAST = (
    "a newer file has taken their place, and a file of their family that is in use is lost or damaged, or the run did "
    "not look for such: they may be the last that is whole"
)
VAGUE = "the finding does not say which upload it is about"
BACKUPS = "too few sound backups are newer than they, their keys tell no time, or the run itself used them"


@dataclass
class Candidates:
    """Iterate once; then `left_out` (reason -> how many) and `beyond` are whole."""

    run: RunFolder
    selection: Selection
    spec: Specification
    bucket: str
    min_nights: int
    left_out: Counter[str] = field(default_factory=Counter)
    beyond: Beyond = field(default_factory=Beyond)
    _faulty: frozenset[str] = frozenset()  # families

    def __post_init__(self) -> None:
        self._started = datetime.fromisoformat(self.run.summary["started_at"])
        self._secret = {family.name for family in self.spec.families if family.secret}

    def __iter__(self) -> Iterator[Item]:
        self.beyond = beyond(
            self.run.objects,
            self.run.findings() if self.selection.retentions else (),
            self.selection.retentions,
            self.spec,
            self.run.summary,
            self.bucket,
        )
        if self.beyond.left_out:
            self.left_out[BACKUPS] += self.beyond.left_out
        self._faulty = _faulty(self.run.findings(), self.spec)
        found = accused(self.run.findings(), self.run.objects, lambda one: self.selection.wants(one, self.spec))
        streams = [self._items(found), self._kept(self.beyond.items)]
        for _, same in groupby(merge(*streams, key=_place), key=_place):
            yield _together(list(same))

    def _items(self, found: Iterable[Accused]) -> Iterator[Item]:
        for one in found:
            wanted = [finding for finding in one.findings if self.selection.wants(finding, self.spec)]
            uploads = [finding for finding in wanted if finding.rule == "UPL001"]
            objects = [finding for finding in wanted if finding.rule != "UPL001"]
            if objects:
                yield from self._counted(self._object(one, objects))
            for finding in sorted(uploads, key=lambda finding: upload_of(finding) or ("", "")):
                yield from self._counted(self._upload(finding))

    def _counted(self, made: Item | str) -> Iterator[Item]:
        if isinstance(made, str):
            self.left_out[made] += 1
        else:
            yield made

    def _kept(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            yield from self._counted(item if self._passes(item) else FILTERED)

    def _object(self, one: Accused, wanted: list[Finding]) -> Item | str:
        record = one.record
        forbidden = [_HANDS_OFF[finding.rule] for finding in one.findings if finding.rule in _HANDS_OFF]
        if record is None or forbidden:
            return forbidden[0] if forbidden else NOT_LISTED
        if any(record["class"] != _CLASS[finding.rule] for finding in wanted):
            return CLASSED
        seen = {(finding.size, finding.last_modified) for finding in wanted}
        if seen != {(record["size"], record["last_modified"])}:
            return MOVED
        if self.min_nights > 1 and any(_is_anew(finding) for finding in wanted):
            return ANEW
        if any(self._is_last(finding) for finding in wanted):
            return LAST
        facts = {name: record[name] for name in ("size", "last_modified", "etag", "storage_class", "row_uid")}
        return self._judged(
            Item(Action.DELETE, one.key, tuple(map(_ground, wanted)), record["family"], **facts), wanted
        )

    def _upload(self, finding: Finding) -> Item | str:
        told = upload_of(finding)
        if told is None:
            return VAGUE
        begun = datetime.fromisoformat(told[1])
        item = Item(Action.ABORT, finding.key, (_ground(finding),), finding.family, last_modified=begun)
        return self._judged(replace(item, upload_id=told[0]), [finding])

    def _judged(self, item: Item, wanted: list[Finding]) -> Item | str:
        """The item, or why it is left out."""
        if any(finding.suppressed is not None for finding in wanted):
            return SUPPRESSED
        if item.family in self._secret and item.family not in self.selection.families:
            return SECRET
        if not self._passes(item):
            return FILTERED
        if self.min_nights > 1 and any(finding.nights is None for finding in wanted):
            return NO_HISTORY
        if any((finding.nights or 1) < self.min_nights for finding in wanted):
            return FEW_NIGHTS.format(self.min_nights)
        return item

    def _is_last(self, finding: Finding) -> bool:
        """Whether it may be the last that is whole: a row alone says that a newer one has taken its place."""
        if finding.rule != "REF004" or not is_superseded(finding, self.spec):
            return False
        summary = self.run.summary
        looked = not summary["prefix"] and "REF002" in summary.get("checked", ())
        return not looked or finding.family in self._faulty

    def _passes(self, item: Item) -> bool:
        return self.selection.holds(item.key, item.family, item.last_modified, item.size, self._started)


def _is_anew(finding: Finding) -> bool:
    since, written = finding.first_seen, finding.last_modified
    return since is not None and written is not None and written > since


def _faulty(findings: Iterable[Finding], spec: Specification) -> frozenset[str]:
    """Families of which a file is lost or damaged that no newer one has replaced."""
    found = set()
    for _, group in groupby(findings, key=lambda one: one.key):
        same = list(group)
        if not any(one.rule == "REF004" and is_superseded(one, spec) for one in same):
            found |= {one.family for one in same if one.family and _is_fault(one)}
    return frozenset(found)


def _is_fault(finding: Finding) -> bool:
    return finding.rule == "REF002" or (finding.rule.startswith(_DAMAGE) and finding.severity is Severity.ERROR)


def upload_of(finding: Finding) -> tuple[str, str] | None:
    """The upload's id and when it was begun, read from the message; the fingerprint proves the id."""
    match = _BEGUN.match(finding.message)
    if match is None or fingerprint(finding.rule, finding.bucket, finding.key, match[1]) != finding.fingerprint:
        return None
    return match[1], match[2]


def _ground(finding: Finding) -> Ground:
    return Ground(
        finding.rule, str(finding.status), finding.message, finding.fingerprint, finding.first_seen, finding.nights
    )


def _place(item: Item) -> tuple[str, str, str]:
    return item.key, str(item.action), item.upload_id or ""


def _together(same: list[Item]) -> Item:
    """One object on several grounds, of which the retention comes last."""
    grounds = [ground for item in same for ground in item.grounds]
    first = next((item for item in same if item.rules != (RETENTION,)), same[0])
    return replace(first, grounds=tuple(sorted(grounds, key=lambda one: (one.rule == RETENTION, one.rule))))
