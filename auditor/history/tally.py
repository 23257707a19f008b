"""The numbers of a run once it is known what is new, what is suppressed and what is fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.findings import Finding, RuleInfo, Severity, State, Status

EXIT_CLEAN, EXIT_FINDINGS = 0, 1


@dataclass(frozen=True)
class Threshold:
    """From which severity on a finding fails the run; None for never. `new` looks at new findings alone."""

    every: Severity | None
    new: Severity | None = None

    def fails(self, finding: Finding) -> bool:
        if self.every is not None and finding.severity >= self.every:
            return True
        return self.new is not None and finding.state is State.NEW and finding.severity >= self.new


def counts(finding: Finding, infos: Mapping[str, RuleInfo]) -> bool:
    """Whether a threshold looks at the finding: not at what a backup is too old to prove."""
    lenient = finding.rule in infos and not infos[finding.rule].snapshot_counts
    return not (lenient and finding.status is Status.SNAPSHOT)


@dataclass
class Tally:
    """Findings are added once, in their final form; `infos` are the installed rules by code."""

    infos: Mapping[str, RuleInfo]
    threshold: Threshold
    failing: bool = False
    _states: Counter[tuple[str, State]] = field(default_factory=Counter)  # what the baseline leaves, by rule
    _counted: Counter[str] = field(default_factory=Counter)  # what --fail-on may look at, by rule
    _known_as: dict[str, tuple[str, Severity]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        self._known_as.setdefault(finding.rule, (finding.name, finding.severity))
        if finding.suppressed is not None:
            return
        if finding.state is not None:
            self._states[finding.rule, finding.state] += 1
        if finding.state is not State.FIXED and counts(finding, self.infos):
            self._counted[finding.rule] += 1
            self.failing = self.failing or self.threshold.fails(finding)

    def states(self) -> dict[str, int]:
        return {str(state): self._of(state) for state in State}

    def rules(self) -> dict[str, dict[str, Any]]:
        """`history.rules` of summary.json."""
        codes = sorted({code for code, _ in self._states})
        return {code: self._rule(code) for code in codes}

    def counted(self, rules: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """`rules` of summary.json with what counts now."""
        return {code: {**rule, "counted": self._counted[code]} for code, rule in rules.items()}

    def _of(self, state: State) -> int:
        return sum(count for (_, other), count in self._states.items() if other is state)

    def _rule(self, code: str) -> dict[str, Any]:
        name, severity = self._known_as[code]
        return {"name": name, "severity": str(severity), **{str(one): self._states[code, one] for one in State}}
