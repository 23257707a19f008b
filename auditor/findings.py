"""The nouns of a verdict: severity, rule record, problem (what a rule says), finding (what the run reports)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum


class Severity(StrEnum):
    """How bad it is. Members compare by weight: `Severity.INFO < Severity.ERROR`."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def weight(self) -> int:
        return list(Severity).index(self)

    def __lt__(self, other: str) -> bool:
        return self.weight < Severity(other).weight

    def __ge__(self, other: str) -> bool:
        return not self < other


class Status(StrEnum):
    """What a finding rests on."""

    CONFIRMED = "confirmed"  # absence, looked at again
    SNAPSHOT = "snapshot"  # rows of a backup
    SEEN = "seen"  # something that is there to be seen


class State(StrEnum):
    """What a finding is beside the runs before it."""

    NEW = "new"  # the run before it did not have it
    KNOWN = "known"
    FIXED = "fixed"  # the run before it had it, and this one looked and found it no more


class RuleKind(StrEnum):
    """When a rule runs, and on what."""

    DOCUMENT = "document"
    BATCH = "batch"
    CONTENT = "content"
    RUN = "run"
    BUCKET = "bucket"


class Evidence(StrEnum):
    """What a rule's accusation rests on; all but PRESENCE are looked at again before they are reported."""

    PRESENCE = "presence"
    ABSENCE = "absence"  # something is missing, which may only mean that it is not there yet; gated by age
    PAIR = "pair"  # an object and its row disagree, and they were read at different moments


class Need(Enum):
    """What a rule cannot do without; the value finishes the sentence "not audited, because …"."""

    ROWS = "there are no rows to compare with"
    LIVE_ROWS = "the rows come from a backup, not from the live database"
    COMPLETE_RANGE = "the listing or the rows were not read to their end"
    FULL_SCAN = "only a part of the bucket was scanned"
    REFERENCES = "the tables that refer to files are not at hand"
    PENDING = "there is no list of files about to be deleted"


@dataclass(frozen=True)
class RuleInfo:
    """One rule as data: what `auditor rules CODE`, the reports' tooltips and the documentation are made from."""

    code: str
    name: str
    severity: Severity
    kind: RuleKind
    summary: str  # one line: what the rule says
    why: str  # why it matters, in a sentence or two
    action: str  # what to do about it
    good: str  # an example that passes
    bad: str  # an example that does not
    needs: frozenset[Need] = field(default_factory=frozenset)
    evidence: Evidence = Evidence.PRESENCE
    snapshot_counts: bool = True  # whether `--fail-on` looks at it when it rests on a backup


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule says about one subject, before the engine adds the facts.

    `position` is the row of the batch (batch rules; 0-based, positional), `key` the subject of rules that see no
    batch. `subject` tells apart several findings of one rule on one key: a field's name, a record's uid, or None.
    `evidence` overrides the rule's own where one code can rest on either. What is about a document rather than an
    object has a `place` in it (file, and line and column from 1), the `family` if it is about one, and the `witness`,
    a key that proves it, if there is one. Rules that see no batch say `size`, `last_modified` and `row_uid` themselves.
    `snapshot`: it rests on a backup, even where the rows are live.
    """

    code: str
    message: str
    suggestion: str = ""
    subject: str | None = None
    position: int | None = None
    key: str | None = None
    evidence: Evidence | None = None
    place: tuple[str, int, int] | None = None
    family: str | None = None
    witness: str | None = None
    size: int | None = None
    last_modified: datetime | None = None
    row_uid: str | None = None
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result about one subject, as every report gets it. Sizes are bytes, times are UTC.

    `state`, `first_seen` and `nights` (on how many nights in a row it was seen) are None where no history is kept;
    `suppressed` is the reason for which the baseline has it, None where it counts.
    """

    rule: str
    name: str
    severity: Severity
    status: Status
    bucket: str
    key: str
    family: str | None
    size: int | None
    last_modified: datetime | None
    row_uid: str | None
    message: str
    suggestion: str
    fingerprint: str
    state: State | None = None
    first_seen: datetime | None = None
    nights: int | None = None
    suppressed: str | None = None


def fingerprint(rule: str, bucket: str, key: str, subject: str | None) -> str:
    """SHA-256 of the JSON array [rule, bucket, key, subject]: the same from night to night, unique in a run."""
    text = json.dumps([rule, bucket, key, subject], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
