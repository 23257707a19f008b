"""What an audit of the world must say: what was planted, judged by the definitions of the design and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from auditor.findings import Severity, Status
from auditor.spec.model import Fit
from tests.world.belonging_truth import Belongings
from tests.world.database import rows_at
from tests.world.ledger import FAMILIES, ROWLESS, Ledger, WorldObject
from tests.world.purgatory import NEAR, scores
from tests.world.references import in_use
from tests.world.series import series

Mode = Literal["sqlite", "backup", "none"]
PendingMode = Literal["backup", "redis", "none"]
MAY_REST_ON_A_BACKUP = {"REF002", "REF006", "REF008"}  # then they do not fail the run

INFOS = {"KEY005", "EMB007", "DOC004", "BAK006", "UPL001"}
WARNINGS = {"KEY001", "KEY002", "KEY003", "KEY004", "REF001", "REF004", "REF005", "REF007", "REF009", "EMB009"}
WARNINGS |= {"BAK003", "BAK004", "BAK005", "JOB001", "IMG002", "IMG003", "MED002"}
OF_CONTENTS = ("BAK001", "BAK002", "EMB", "IMG", "JOB", "MED", "ORG", "ZIP")
OF_THE_WHOLE = ("BAK003", "BAK004", "BAK006", "DOC004")  # backups as a series, and families that have no object
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

    def unread(self) -> Truth:
        """What an audit says that reads no contents."""
        return self.without(*OF_CONTENTS)

    def half(self) -> Truth:
        """What is still said where the run is not complete."""
        return self.without(*OF_THE_WHOLE)

    def counting(self, fail_on: str = "warning") -> set[Expected]:
        """The findings for which the exit code is 1: what may have changed since a backup is none of them."""
        loud = {finding for finding in self.findings if Severity(finding.severity) >= fail_on}
        old = {finding for finding in loud if finding.status == Status.SNAPSHOT}
        return loud - {finding for finding in old if finding.rule in MAY_REST_ON_A_BACKUP}


def severity(rule: str) -> str:
    if rule in INFOS:
        return Severity.INFO.value
    return (Severity.WARNING if rule in WARNINGS else Severity.ERROR).value


class Judge:
    """Walks over all objects and all rows once."""

    def __init__(
        self, ledger: Ledger, mode: Mode, prefix: str, min_age: timedelta, backup_at: int, pending: PendingMode
    ) -> None:
        self.ledger = ledger
        self.mode = mode
        self.prefix = prefix
        self.cutoff = ledger.now - min_age.total_seconds()
        self.backup_at = backup_at if mode == "backup" else None
        # an object without a row is judged only if it is older than this
        self.settled = min(self.cutoff, backup_at - min_age.total_seconds()) if mode == "backup" else self.cutoff
        self.absence = Status.SNAPSHOT if mode == "backup" else Status.CONFIRMED
        self.pending_as_of = ledger.now if pending == "redis" else ledger.redis_backup_at or ledger.now
        self.pending = {} if pending == "none" else scores(ledger, self.pending_as_of)
        old_list = mode == "backup" or pending == "backup"
        self.due_status = Status.SNAPSHOT if old_list else Status.SEEN
        there = [] if mode == "none" else rows_at(ledger, self.backup_at)
        self.belongings = Belongings(there, self.settled, self.backup_at)
        self.rows = {row.values["key"]: row.values for row in there if row.table == "s3_files"}
        self.in_use = in_use(there, self.settled)

    def truth(self) -> Truth:
        as_of = None if self.backup_at is None else datetime.fromtimestamp(self.backup_at, UTC)
        truth = Truth(self.mode, self.prefix, datetime.fromtimestamp(self.cutoff, UTC), as_of)
        for key, found in self.ledger.objects.items():
            if key.startswith(self.prefix):
                self._judge_object(found, truth)
        for key, values in self.rows.items():
            self._judge_row(key, values, truth)
        for rule, key in series(self.ledger, self.prefix):
            self._say(truth, rule, key, Status.SEEN)
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
        if self._unreferenced(found):
            self._say(truth, "REF004", found.key, self.absence)
        if self._sizes_differ(found):
            self._say(truth, "REF003", found.key, Status.SEEN)
        for said in self.belongings.judge(found, place, self.rows.get(found.key)):
            self._say(truth, said.rule, found.key, self.absence if said.rests == "absence" else Status.SEEN)
        if truth.classes[found.key] == "ok" and self._due(found):
            self._say(truth, "REF008", found.key, self.due_status)
        for fault in self.ledger.faults.get(found.key, ()):
            self._embedding(found, fault.code, fault.needs, truth)

    def _object_class(self, found: WorldObject) -> str:
        """The first line that holds; nothing planted is `gone` or `unmanaged`."""
        place = self.ledger.places[found.key]
        if found.size == 0 and found.key.endswith("/"):
            return "ignored"
        if place.family is None:
            return "unknown"
        if place.family in ROWLESS or found.key in self.rows:
            return "ok"
        if self.mode == "none":
            return "unjudged"
        if found.key in self.pending:
            return "pending"
        return "orphan" if found.modified < self.settled else "too-new"

    def _due(self, found: WorldObject) -> bool:
        """An old file with a row that is about to be deleted, or should have been."""
        at = self.pending.get(found.key)
        return (
            at is not None
            and found.key in self.rows
            and at <= self.pending_as_of + NEAR
            and found.modified < self.settled
        )

    def _sizes_differ(self, found: WorldObject) -> bool:
        row = self.rows.get(found.key)
        if row is None or row["file_size"] in (-1, found.size) or self.ledger.places[found.key].family is None:
            return False
        return self.backup_at is None or found.modified < self.backup_at

    def _unreferenced(self, found: WorldObject) -> bool:
        """Object and row are there and old, and nothing in use refers to the row."""
        row = self.rows.get(found.key)
        if row is None or self.ledger.places[found.key].family is None or found.key in self.in_use:
            return False
        created_at = row["created_at"]
        old = isinstance(created_at, int | float) and created_at < self.settled
        return old and found.modified < self.settled

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
