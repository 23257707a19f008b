"""The rules of one run: which of them run, which cannot and why, and what becomes of what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from auditor.errors import CannotStart
from auditor.findings import Evidence, Finding, Need, Problem, RuleInfo, RuleKind, Severity, Status, fingerprint
from auditor.frames import INSTANT
from auditor.protocols import Rule

UNREADABLE = RuleInfo(
    code="RUN001",
    name="object-unreadable",
    severity=Severity.WARNING,
    kind=RuleKind.CONTENT,
    summary="An object could not be read, so its content was not audited.",
    why="What cannot be read by the audit may not be readable by the service either, and nobody has looked inside.",
    action="Allow s3:GetObject on the key, restore the object from the archive, or look at the store's health.",
    good="s3:GetObject is allowed and the object is in a storage class that answers at once",
    bad="HTTP 403 AccessDenied; storage class GLACIER; a connection that breaks at every attempt",
)

FINDINGS = pa.schema(
    [
        *((name, pa.string()) for name in ("rule", "name", "severity", "status", "bucket", "key", "family")),
        ("size", pa.int64()),
        ("last_modified", INSTANT),
        *((name, pa.string()) for name in ("row_uid", "message", "suggestion", "fingerprint")),
    ]
)


@dataclass(frozen=True)
class Facts:
    """What the engine knows about the subject of a finding."""

    key: str
    family: str | None = None
    size: int | None = None
    last_modified: datetime | None = None
    row_uid: str | None = None


@dataclass
class RuleBook:
    """`rules` in the order in which they were found; `selected` are the codes that the caller wants."""

    rules: Sequence[Rule]
    bucket: str
    selected: frozenset[str]
    snapshot: bool = False  # rows come from a backup
    unmet: frozenset[Need] = frozenset()
    reasons: Mapping[Need, str] = field(default_factory=dict)  # in place of what the need itself says
    infos: dict[str, RuleInfo] = field(init=False)

    def __post_init__(self) -> None:
        self.infos = all_infos(self.rules)

    def runs(self, code: str) -> bool:
        return code in self.selected and not self.infos[code].needs & self.unmet

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """The rules that implement one of the protocols and have at least one code that runs."""
        for rule in self.rules:
            if isinstance(rule, kind) and any(self.runs(info.code) for info in rule.infos):
                yield rule

    def heard(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Those of the problems whose code runs."""
        return (problem for problem in problems if self.runs(problem.code))

    def evidence(self, problem: Problem) -> Evidence:
        return problem.evidence or self.infos[problem.code].evidence

    def not_audited(self) -> list[dict[str, str]]:
        """Every selected rule that cannot run, with the reason."""
        return [
            {"what": f"{info.code} {info.name}", "because": self.reasons.get(need, need.value)}
            for info in self.infos.values()
            if info.code in self.selected
            for need in sorted(info.needs & self.unmet, key=lambda need: need.name)
        ]

    def finding(self, problem: Problem, facts: Facts) -> Finding:
        info = self.infos[problem.code]
        return Finding(
            rule=info.code,
            name=info.name,
            severity=info.severity,
            status=self._status(problem),
            bucket=self.bucket,
            key=facts.key,
            family=facts.family,
            size=facts.size,
            last_modified=facts.last_modified,
            row_uid=facts.row_uid,
            message=problem.message,
            suggestion=problem.suggestion or info.action,
            fingerprint=fingerprint(info.code, self.bucket, facts.key, problem.subject),
        )

    def _status(self, problem: Problem) -> Status:
        if problem.snapshot:
            return Status.SNAPSHOT
        if self.evidence(problem) is not Evidence.ABSENCE:
            return Status.SEEN
        return Status.SNAPSHOT if self.snapshot else Status.CONFIRMED


def columns_read(rules: Sequence[Rule], selected: Collection[str]) -> frozenset[str]:
    """The columns of sides that rules with a selected code say they read."""
    running = [rule for rule in rules if any(info.code in selected for info in rule.infos)]
    return frozenset(name for rule in running for name in getattr(rule, "reads", ()))


def all_infos(rules: Sequence[Rule]) -> dict[str, RuleInfo]:
    """Every rule's record by code, in code order, the engine's own included.

    Raises CannotStart for a code that two rules use.
    """
    infos: dict[str, RuleInfo] = {}
    for info in [UNREADABLE, *(info for rule in rules for info in rule.infos)]:
        if info.code in infos:
            raise CannotStart(f"two rules have the code {info.code}: remove one of the plug-ins that bring it")
        infos[info.code] = info
    return dict(sorted(infos.items()))


def findings_table(findings: Iterable[Finding]) -> pa.Table:
    """Findings in report order: by key (byte order), then code, then as the rule said them."""
    ordered = sorted(findings, key=lambda finding: (finding.key.encode(), finding.rule))
    columns = {name: [getattr(finding, name) for finding in ordered] for name in FINDINGS.names}
    return pa.table(columns, schema=FINDINGS)


def findings_of(table: pa.Table) -> Iterator[Finding]:
    """The inverse of `findings_table`."""
    for row in table.to_pylist():
        yield Finding(**{**row, "severity": Severity(row["severity"]), "status": Status(row["status"])})
