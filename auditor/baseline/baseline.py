"""Which findings a baseline suppresses, and what becomes of its entries."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from re import Pattern
from typing import Any

from auditor.baseline.entries import Group, Single, holds
from auditor.baseline.file import read_entries
from auditor.findings import Finding
from auditor.spec.globs import matchers

_TABLE = "CREATE TABLE singles (fingerprint BLOB PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID"


@dataclass
class _Grouped:
    group: Group
    pattern: Pattern[str]
    matched: int = 0

    @property
    def exceeded(self) -> bool:
        return self.matched > self.group.at_most

    def fits(self, finding: Finding) -> bool:
        return finding.rule == self.group.rule and self.pattern.match(finding.key) is not None


@dataclass
class Baseline:
    """`measure` every finding of the run, then ask for `reasons` page by page, then `described`.

    Entries about single findings lie in a temporary SQLite database, so their number does not matter to memory.
    """

    path: Path
    today: date
    entries: int = 0
    expired: int = 0
    _suppressed: Counter[str] = field(default_factory=Counter)  # findings by rule
    _used: int = 0  # entries about single findings that the run has
    _groups: list[_Grouped] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises CannotStart for a file that is no baseline."""
        self._singles = sqlite3.connect("", isolation_level=None)  # on disk, and gone when it is closed
        self._singles.execute(_TABLE)
        self._singles.execute("BEGIN")
        for entry in read_entries(self.path):
            self.entries += 1
            if not holds(entry, self.today):
                self.expired += 1
            elif isinstance(entry, Group):
                self._groups.append(_Grouped(entry, matchers([entry.glob])[0]))
            else:
                self._keep(entry)
        self._singles.execute("COMMIT")

    def _keep(self, entry: Single) -> None:
        values = (bytes.fromhex(entry.fingerprint), entry.reason)
        self._singles.execute("INSERT INTO singles VALUES (?, ?)", values)

    @property
    def has_groups(self) -> bool:
        """Without groups nothing needs to be measured."""
        return bool(self._groups)

    def measure(self, findings: Iterable[Finding]) -> None:
        """Counts what each group has: one that has too many suppresses nothing."""
        rules = {one.group.rule for one in self._groups}
        for finding in findings:
            if finding.rule in rules:
                for one in self._groups:
                    one.matched += one.fits(finding)

    def reasons(self, page: Sequence[Finding]) -> list[str | None]:
        """Why each of the findings does not count; None for those that do. Each finding is to be asked about once."""
        places = ",".join("?" * len(page))
        query = f"SELECT lower(hex(fingerprint)), reason FROM singles WHERE fingerprint IN ({places})"  # noqa: S608 -- places alone
        single = dict(self._singles.execute(query, [bytes.fromhex(finding.fingerprint) for finding in page]))
        self._used += len(single)
        reasons = [single.get(finding.fingerprint) or self._of_group(finding) for finding in page]
        self._suppressed.update(finding.rule for finding, why in zip(page, reasons, strict=True) if why is not None)
        return reasons

    def exceeded_by(self, finding: Finding) -> tuple[Group, int] | None:
        """The first group that would suppress the finding if it had not too many, and how many it has."""
        full = (one for one in self._groups if one.exceeded and one.fits(finding))
        return next(((one.group, one.matched) for one in full), None)

    def described(self) -> dict[str, Any]:
        """`baseline` of summary.json."""
        exceeded = [one for one in self._groups if one.exceeded]
        (singles,) = self._singles.execute("SELECT count(*) FROM singles").fetchone()
        return {
            "file": str(self.path),
            "entries": self.entries,
            "suppressed": dict(sorted(self._suppressed.items())),
            "expired": self.expired,
            "unused": singles - self._used + sum(not one.matched for one in self._groups),
            "exceeded": [
                {"rule": one.group.rule, "glob": one.group.glob, "at_most": one.group.at_most, "matched": one.matched}
                for one in exceeded
            ],
        }

    def close(self) -> None:
        self._singles.close()

    def _of_group(self, finding: Finding) -> str | None:
        fitting = (one for one in self._groups if not one.exceeded and one.fits(finding))
        return next((one.group.reason for one in fitting), None)
