"""What became of one object of a plan since the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from auditor.cleanup.model import Item, read_item
from auditor.errors import ObjectUnreadable
from auditor.scan.looks import Head
from auditor.text import printable


class Verdict(StrEnum):
    """The parts that a plan is split into. Only the first may go."""

    READY = "ready"  # everything that the plan says of it still holds
    REFERENCED = "referenced"  # in use again, or on its way out by other hands
    CHANGED = "changed"  # it is another object, or another row, than was judged
    GONE = "gone"
    UNSURE = "unsure"  # it could not be looked at to the end


@dataclass(frozen=True, slots=True)
class Judged:
    """`why` is half a sentence; empty where there is nothing to explain."""

    item: Item
    verdict: Verdict
    why: str = ""

    def to_line(self) -> str:
        entry = {"verdict": str(self.verdict), "why": self.why, "item": json.loads(self.item.to_line())}
        return json.dumps(entry, separators=(",", ":")) + "\n"


def read_judged(line: str) -> Judged:
    """The inverse of `Judged.to_line`."""
    entry = json.loads(line)
    return Judged(read_item(json.dumps(entry["item"])), Verdict(entry["verdict"]), entry["why"])


def of_head(item: Item, head: Head) -> Judged | None:
    """What a HEAD alone settles; None where the object is the one that was judged."""
    if isinstance(head, ObjectUnreadable):
        return Judged(item, Verdict.UNSURE, f"it could not be looked at: {printable(head.reason)}")
    if head is None:
        return Judged(item, Verdict.GONE)
    if (item.etag or "") != head.etag:
        return Judged(item, Verdict.CHANGED, "its ETag is another one")
    if item.size != head.size:
        return Judged(item, Verdict.CHANGED, "its size is another one")
    if item.last_modified is None or item.last_modified.replace(microsecond=0) != head.last_modified.replace(
        microsecond=0
    ):
        return Judged(item, Verdict.CHANGED, "it was written again")
    return None
