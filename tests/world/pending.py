"""The list of files about to be deleted, as redis has it now and as its backups had it, and what it changes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from tests.world import zsets
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import export_row
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR, Ledger
from tests.world.referrers import refer

SET = "files:purgatory"
FIRST = 60 * HOUR  # age of the oldest entry
NEAR = 600  # seconds, as the shipped bindings have it
_HOSTILE = (
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
        if member in _HOSTILE:
            continue
        said = json.loads(member)
        if said["bucket"] == ledger.bucket:
            found[said["key"]] = min(score, found.get(said["key"], math.inf))
    return found


def backup_chunk(ledger: Ledger, at: float, encoding: str = "skiplist") -> bytes:
    """Nothing when the set was empty: redis has no empty sets."""
    there = list(members(ledger, at).items())
    return zsets.chunk(SET.encode(), zsets.dump(zsets.ENCODINGS[encoding](there))) if there else b""


def plant_traps(files: Files) -> None:
    """Old objects without a row that are on the list, files in use that have time left, members that are no entries."""
    ledger = files.ledger
    soon = (7 * DAY, -26 * HOUR, 300, 50 * 365 * DAY)
    for left in soon:
        entry(ledger, _alone(files, "pending", 30 * DAY), ledger.now + left, hint="images", expected=False)
    twice = _alone(files, "pending", 300 * DAY)
    for left, hint in ((3 * DAY, "first"), (-HOUR, "second")):
        entry(ledger, twice, ledger.now + left, hint=hint)
    entry(ledger, _alone(files, "pending-young", 2 * HOUR), ledger.now + HOUR, born=files.ago(2 * HOUR))
    key = files.plant("pending-in-use", key_of(files, "images/originals"))
    at = files.ago(40 * DAY)
    refer(
        files,
        "images/originals",
        key,
        files.store(key, body_of(key, "images/originals"), "images/originals", at=at),
        at,
    )
    entry(ledger, key, ledger.now + 6 * DAY)
    entry(ledger, files.plant("pending-gone", key_of(files, "images/exports")), ledger.now - DAY)
    ledger.pending += [Entry(member, ledger.now - HOUR, ledger.now - FIRST) for member in _HOSTILE]


def plant_faults(files: Files, known: Catalogue) -> None:
    """Files in use that are due; orphans that another bucket's list names, or another moment's."""
    ledger = files.ledger
    for left in (-30 * DAY, -11 * HOUR, 300):
        key = files.plant("pending-but-referenced", key_of(files, "images/exports"))
        at = files.moment(5 * DAY, 900 * DAY)
        row = files.store(key, body_of(key, "images/exports"), "images/exports", at=at)
        export_row(files, key.split("/")[3], known.pictures.row, row, at, "webp", (342, 72))
        entry(ledger, key, ledger.now + left, hint="forgotten")
    entry(ledger, _alone(files, "other-bucket", 50 * DAY), ledger.now + DAY, bucket="another-bucket")
    entry(ledger, _alone(files, "pending-since-backup", 50 * DAY), ledger.now + DAY, born=files.ago(5 * HOUR))
    entry(ledger, _alone(files, "withdrawn-since-backup", 50 * DAY), ledger.now + DAY, died=files.ago(5 * HOUR))


def _alone(files: Files, kind: str, age: float) -> str:
    """An object without a row."""
    key = files.plant(kind, key_of(files, "images/exports"))
    files.ledger.put(key, body_of(key, "images/exports"), files.ago(age), "images/exports")
    return key
