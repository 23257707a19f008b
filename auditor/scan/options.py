"""What the caller decides about one audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from auditor.findings import Severity
from auditor.scan.content.budget import Limit
from auditor.scan.content.turns import Level


@dataclass(frozen=True)
class Options:
    prefix: str = ""  # literal, as in S3
    min_age: timedelta = timedelta(hours=24)
    settle: timedelta = timedelta(seconds=60)
    workers: int = 1
    content: Level = Level.HEADERS
    limit: Limit = field(default_factory=Limit)  # of what is read of contents
    every: timedelta = timedelta(days=30)  # an unchanged object is looked into again after this time
    fail_on: Severity = Severity.WARNING
    breaker_share: float = 0.5  # of the objects that need a row; more without one means the wrong database
    breaker_least: int = 200  # fewer objects than this prove nothing
