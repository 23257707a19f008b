"""The list of files about to be deleted, as redis has it now and as its backups had it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from tests.world import zsets
from tests.world.ledger import HOUR, Ledger

SET = "files:purgatory"
FIRST = 60 * HOUR  # age of the oldest entry
NEAR = 600  # seconds, as the shipped bindings have it
HOSTILE = (
    b"not json",
    b"",
    b'["bucket", "key"]',
    b'{"bucket": "x"}',
    b'{"bucket": "x", "key": 7}',
    b'{"key": "s3_files/x", "bucket": null}',
    b'{"bucket": "x", "key": "\\ud800"}',
    b"\xff\xfe",
    b"[" * 5_000,
    b"\x1b[2J\r\n",
)


@dataclass(frozen=True)
class Entry:
    """One member of the sorted set, there from `born` until `died` (unix seconds)."""

    member: bytes
    score: float
    born: float
    died: float | None = None

    def there(self, at: float) -> bool:
        return self.born <= at and (self.died is None or self.died > at)


def entry(
    ledger: Ledger,
    key: str,
    score: float,
    *,
    bucket: str | None = None,
    born: float | None = None,
    died: float | None = None,
    **more: object,
) -> None:
    """As the service writes it: JSON with sorted keys. The oldest backups have nothing of the list."""
    said = {"bucket": bucket or ledger.bucket, "key": key, **more}
    ledger.pending.append(
        Entry(json.dumps(said, sort_keys=True).encode(), score, ledger.now - FIRST if born is None else born, died)
    )


def members(ledger: Ledger, at: float) -> dict[bytes, float]:
    """The sorted set at a moment."""
    return {one.member: one.score for one in ledger.pending if one.there(at)}


def scores(ledger: Ledger, at: float) -> dict[str, float]:
    """By key of this bucket: when the file will be deleted, by the list of a moment."""
    found: dict[str, float] = {}
    for member, score in members(ledger, at).items():
        if member in HOSTILE:
            continue
        said = json.loads(member)
        if said["bucket"] == ledger.bucket:
            found[said["key"]] = min(score, found.get(said["key"], math.inf))
    return found


def backup_chunk(ledger: Ledger, at: float, encoding: str = "skiplist") -> bytes:
    """Nothing when the set was empty: redis has no empty sets."""
    there = list(members(ledger, at).items())
    return zsets.chunk(SET.encode(), zsets.dump(zsets.ENCODINGS[encoding](there))) if there else b""
