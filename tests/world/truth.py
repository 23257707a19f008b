"""What an audit of the world must say: what was planted, judged by the definitions of the design and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from auditor.findings import Severity, Status
from auditor.spec.model import Fit
from tests.world.database import rows_at
from tests.world.ledger import FAMILIES, ROWLESS, Ledger, WorldObject

Mode = Literal["sqlite", "backup", "none"]

INFOS = {"KEY005", "EMB007", "DOC004"}
WARNINGS = {"KEY001", "KEY002", "KEY003", "KEY004", "REF001", "EMB009", "IMG002", "IMG003", "MED002"}
KEY_RULES = {
    Fit.UNKNOWN: "KEY001",
    Fit.MALFORMED: "KEY002",
    Fit.INVALID_FIELD: "KEY003",
    Fit.AMBIGUOUS: "KEY004",
    Fit.IGNORED: "KEY005",
}


class Expected(NamedTuple):
    """One finding; no rule of the planted ones says two things about one key. DOC004 has the family for a key."""

    rule: str
    key: str
    severity: str
    status: str


@dataclass
class Truth:
    """`classes` has every object under the prefix, `row_classes` every row of the database or backup."""

    mode: Mode
    prefix: str
    cutoff: datetime
    rows_as_of: datetime | None
    findings: set[Expected] = field(default_factory=set)
    classes: dict[str, str] = field(default_factory=dict)
    row_classes: dict[str, str] = field(default_factory=dict)
    families: dict[str, str | None] = field(default_factory=dict)

    def class_counts(self) -> Counter[str]:
        return Counter(self.classes.values())

    def row_counts(self) -> Counter[str]:
        return Counter(self.row_classes.values())

    def rules(self) -> Counter[str]:
        return Counter(finding.rule for finding in self.findings)

    def without(self, *prefixes: str) -> Truth:
        """What an audit says that was told to ignore these rules."""
        return replace(self, findings={one for one in self.findings if not one.rule.startswith(prefixes)})

    def counting(self, fail_on: str = "warning") -> set[Expected]:
        """The findings for which the exit code is 1: a row whose object is gone since a backup is none of them."""
        loud = {finding for finding in self.findings if Severity(finding.severity) >= fail_on}
        quiet = {("REF002", Status.SNAPSHOT), ("REF006", Status.SNAPSHOT)}
        return {finding for finding in loud if (finding.rule, finding.status) not in quiet}


def severity(rule: str) -> str:
    if rule in INFOS:
        return Severity.INFO.value
    return (Severity.WARNING if rule in WARNINGS else Severity.ERROR).value


class Judge:
    """Walks over all objects and all rows once."""

    def __init__(self, ledger: Ledger, mode: Mode, prefix: str, min_age: timedelta, backup_at: int) -> None:
        self.ledger = ledger
        self.mode = mode
        self.prefix = prefix
        self.cutoff = ledger.now - min_age.total_seconds()
        self.backup_at = backup_at if mode == "backup" else None
        # an object without a row is judged only if it is older than this
        self.settled = min(self.cutoff, backup_at - min_age.total_seconds()) if mode == "backup" else self.cutoff
        self.absence = Status.SNAPSHOT if mode == "backup" else Status.CONFIRMED
        there = [] if mode == "none" else rows_at(ledger, self.backup_at)
        self.rows = {row.values["key"]: row.values for row in there if row.table == "s3_files"}

    def truth(self) -> Truth:
        as_of = None if self.backup_at is None else datetime.fromtimestamp(self.backup_at, UTC)
        truth = Truth(self.mode, self.prefix, datetime.fromtimestamp(self.cutoff, UTC), as_of)
        for key, found in self.ledger.objects.items():
            if key.startswith(self.prefix):
                self._judge_object(found, truth)
        for key, values in self.rows.items():
            self._judge_row(key, values, truth)
        for found, row in self.ledger.misspelt:
            self._judge_pair(found, row, truth)
        if not self.prefix:
            self._empty_families(truth)
        return truth

    def _judge_pair(self, key: str, row: str, truth: Truth) -> None:
        """Both are lost: the row has no object, and the object has no row and is old enough to be accused of it."""
        lost = truth.classes.get(key) == "orphan" or (
            truth.classes.get(key) == "unknown"
            and key not in self.rows
            and self.ledger.objects[key].modified < self.settled
        )
        if lost and truth.row_classes.get(row) == "dangling":
            self._say(truth, "REF006", key, self.absence)

    def _empty_families(self, truth: Truth) -> None:
        held = {family for key, family in truth.families.items() if truth.classes[key] != "ignored"}
        for family in FAMILIES - held:
            self._say(truth, "DOC004", family, Status.SEEN)

    def _judge_object(self, found: WorldObject, truth: Truth) -> None:
        place = self.ledger.places[found.key]
        truth.families[found.key] = place.family
        truth.classes[found.key] = self._object_class(found)
        if place.fit in KEY_RULES:
            self._say(truth, KEY_RULES[place.fit], found.key, Status.SEEN)
        if truth.classes[found.key] == "orphan":
            self._say(truth, "REF001", found.key, self.absence)
        if self._sizes_differ(found):
            self._say(truth, "REF003", found.key, Status.SEEN)
        for fault in self.ledger.faults.get(found.key, ()):
            self._embedding(found, fault.code, fault.needs, truth)

    def _object_class(self, found: WorldObject) -> str:
        """The first line that holds; nothing planted is `gone`, `pending` or `unmanaged`."""
        place = self.ledger.places[found.key]
        if found.size == 0 and found.key.endswith("/"):
            return "ignored"
        if place.family is None:
            return "unknown"
        if place.family in ROWLESS or found.key in self.rows:
            return "ok"
        if self.mode == "none":
            return "unjudged"
        return "orphan" if found.modified < self.settled else "too-new"

    def _sizes_differ(self, found: WorldObject) -> bool:
        row = self.rows.get(found.key)
        if row is None or row["file_size"] in (-1, found.size) or self.ledger.places[found.key].family is None:
            return False
        return self.backup_at is None or found.modified < self.backup_at

    def _embedding(self, found: WorldObject, code: str, needs: str, truth: Truth) -> None:
        if needs == "file" or (needs == "tables" and found.key in self.rows):
            self._say(truth, code, found.key, Status.SEEN)
        elif needs == "absence" and found.key in self.rows and found.modified < self.cutoff:
            self._say(truth, code, found.key, self.absence)

    def _judge_row(self, key: str, values: dict[str, object], truth: Truth) -> None:
        truth.row_classes[key] = self._row_class(key, values["created_at"])
        if truth.row_classes[key] == "dangling":
            self._say(truth, "REF002", key, self.absence)

    def _row_class(self, key: str, created_at: object) -> str:
        if not key.startswith(self.prefix):
            return "outside"
        if key in self.ledger.objects:
            return "matched"
        if not isinstance(created_at, int | float) or created_at >= self.cutoff:
            return "too-new"
        return "no-family" if self.ledger.places[key].family is None else "dangling"

    def _say(self, truth: Truth, rule: str, key: str, status: Status) -> None:
        truth.findings.add(Expected(rule, key, severity(rule), status.value))
