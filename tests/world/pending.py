"""What the list of files about to be deleted changes: files that it protects, and files that it endangers."""

from __future__ import annotations

from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import export_row
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR
from tests.world.purgatory import FIRST, HOSTILE, Entry, entry
from tests.world.referrers import refer


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
    ledger.pending += [Entry(member, ledger.now - HOUR, ledger.now - FIRST) for member in HOSTILE]


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
