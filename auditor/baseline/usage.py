"""How many findings of a run each entry of a baseline is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from auditor.baseline.entries import Entry, Group, holds
from auditor.baseline.shelf import Shelf
from auditor.findings import Finding
from auditor.spec.globs import matchers


class Usage:
    """Expired entries are about none."""

    def __init__(self, shelf: Shelf, findings: Callable[[], Iterator[Finding]], today: date) -> None:
        self._shelf, self._today = shelf, today
        self._groups: Counter[tuple[str, str]] = Counter()
        patterns = [(group, matchers([group.glob])[0]) for group in shelf.groups()]
        shelf.found(finding.fingerprint for finding in findings())
        for finding in findings() if patterns else ():
            for group, pattern in patterns:
                if group.rule == finding.rule and pattern.match(finding.key):
                    self._groups[group.rule, group.glob] += 1

    def matched(self, entry: Entry) -> int:
        if not holds(entry, self._today):
            return 0
        if isinstance(entry, Group):
            return self._groups[entry.rule, entry.glob]
        return int(self._shelf.was_found(entry))
