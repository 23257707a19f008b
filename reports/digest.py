"""The findings of a run by rule and state, with a few of their keys: one pass, and memory for the rules alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from auditor.findings import Finding, Severity
from auditor.record import Run
from reports.labels import everything, label

EXAMPLES = 5


@dataclass
class Part:
    """The findings of one rule in one state. `bytes` are those of their objects, each once."""

    label: str
    rule: str
    name: str
    severity: Severity
    count: int = 0
    bytes: int = 0
    examples: list[str] = field(default_factory=list)  # keys, exactly; messages of what is about no object
    first_seen: datetime | None = None  # of the oldest
    nights: int = 0  # in a row, at most
    _last: str | None = None

    def add(self, finding: Finding, examples: int) -> None:
        self.count += 1
        self.nights = max(self.nights, finding.nights or 0)
        if finding.first_seen is not None:
            self.first_seen = min(self.first_seen or finding.first_seen, finding.first_seen)
        subject = finding.key or finding.message
        if subject == self._last:
            return  # the next field of the same key
        self._last = subject
        self.bytes += finding.size or 0
        if len(self.examples) < examples:
            self.examples.append(subject)


@dataclass(frozen=True)
class Digest:
    parts: dict[tuple[str, str], Part]

    def of(self, *labels: str) -> list[Part]:
        """The worst first: by severity, then by how often, then by code."""
        found = [part for part in self.parts.values() if part.label in labels]
        return sorted(found, key=lambda part: (-part.severity.weight, -part.count, part.rule))

    def count(self, *labels: str) -> int:
        return sum(part.count for part in self.of(*labels))


def digest(run: Run, examples: int = EXAMPLES) -> Digest:
    parts: dict[tuple[str, str], Part] = {}
    for finding in everything(run):
        place = label(finding), finding.rule
        if place not in parts:
            parts[place] = Part(*place, finding.name, finding.severity)
        parts[place].add(finding, examples)
    return Digest(parts)
