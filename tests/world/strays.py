"""Objects and rows that have lost each other, disagree, or have a field that is not of its kind."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.spec.model import Fit
from tests.world import embeddings, hostile
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import export_row
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR, WITH_ROWS
from tests.world.referrers import refer


def orphans(files: Files, known: Catalogue) -> None:
    """An old object without a row in every family that needs rows, and those whose judgment depends on the evidence."""
    for family in sorted(WITH_ROWS - {embeddings.FAMILY}):
        _orphan(files, key_of(files, family), family, files.moment(3 * DAY, 900 * DAY))
    files.plant(
        "orphan", embeddings.write(files, embeddings.draft(files, known.journeys[:5]), files.ago(80 * DAY), rows=False)
    )
    named_orphans(files, ("a b+c%2F é'\"", "slashes/in/it 😀"))
    yesterday = files.plant("orphan-of-yesterday", key_of(files, "images/exports"))  # too new for a backup
    _orphan(files, yesterday, "images/exports", files.ago(28 * HOUR))
    swept = files.plant("swept-since-backup", key_of(files, "images/originals"))  # the sweep deletes the row first
    born = files.ago(50 * DAY)
    _orphan(files, swept, "images/originals", born)
    size = files.ledger.objects[swept].size
    files.record(swept, "images/originals", size, born=born, died=files.ago(4 * HOUR))


def named_orphans(files: Files, names: Iterable[str]) -> None:
    for name in names:
        key = f"s3_files/audio/originals/{files.names.uid('cf')}/{name}-{files.names.token(16)}"
        at = files.moment(3 * DAY, 900 * DAY)
        if files.ledger.holds(key):
            _orphan(files, key, "audio/originals", at)


def _orphan(files: Files, key: str, family: str, at: int, fit: Fit = Fit.FITS) -> None:
    files.ledger.put(files.plant("orphan", key), body_of(key, family), at, family, fit)


def dangling(files: Files, known: Catalogue) -> None:
    """An old row without its object in every family that needs rows; an export's row with its referrer."""
    for family in sorted(WITH_ROWS):
        key = files.plant("dangling", key_of(files, family))
        born = files.moment(3 * DAY, 900 * DAY)
        row = files.record(key, family, 1234, born=born)
        if family == "images/exports":
            export_row(files, key.split("/")[3], known.pictures.row, row, born, "webp", (342, 72))
    files.record(
        files.plant("dangling", key_of(files, "images/exports")), "images/exports", -1, born=files.ago(28 * HOUR)
    )


def mismatches(files: Files) -> None:
    """Rows that say a byte too many, a byte too few, nothing, or far too much."""
    for family, wrong in (("images/exports", 1), ("audio/hls", -1), ("videos/mp4", 10**12), ("images/originals", 0)):
        key = files.plant("mismatch", key_of(files, family))
        body = body_of(key, family)
        says = 0 if wrong == 0 else len(body) + wrong
        at = files.moment(3 * DAY, 900 * DAY)
        refer(files, family, key, files.store(key, body, family, at=at, size=says), at)


def invalid_fields(files: Files) -> None:
    """Right shape, wrong field: with a row or without, the key stays in its family (KEY003)."""
    uid, token = files.names.uid, files.names.token
    with_row = (
        ("images/exports", f"s3_files/images/exports/{uid('if')}/{token(8)}.jpg"),  # source image of a server image
        ("images/exports", f"s3_files/images/exports/{uid('ife')}/{token(8)}.gif"),
        ("audio/mp4", f"s3_files/audio/{uid('cf')}/mp4/high/{token(8)}.mp4"),
        ("journals/keys/client", f"s3_files/journals/keys/client/{uid('ujmk')}"),
    )
    without = (
        ("images/originals", f"s3_files/images/originals/{uid('ife')}/{token(8)}"),
        ("images/originals", f"s3_files/images/originals/{uid('if')}/{token(8)}x"),
        ("uploads", f"s3_files/uploads/{uid('s3fu')}/first/{token(8)}"),
        ("audio/originals", f"s3_files/audio/originals/hls/{token(8)}.ts"),  # the literal beats the field
        ("courses", f"s3_files/courses/{uid('ce')}/{uid('c')}/{token(8)}.zip"),
        ("backup/redis", "s3_files/backup/redis/latest.bak"),
        ("backup/database/timely", "s3_files/backup/database/timely/0056-pre-final.bak"),
        ("jobs/repopulate_emotions", "s3_files/jobs/repopulate_emotions/dropped_yesterday.txt"),
    )
    for family, key in with_row:
        _invalid(files, family, key, recorded=True)
    for family, key in without:
        _invalid(files, family, key, recorded=False)
    lost = f"s3_files/images/originals/{uid('xx')}/{token(8)}"
    files.record(files.plant("dangling", lost), "images/originals", 50, born=files.ago(70 * DAY), fit=Fit.INVALID_FIELD)


def hostile_keys(files: Files) -> None:
    foreign(files, Fit.UNKNOWN, hostile.OUTSIDE)
    foreign(files, Fit.MALFORMED, hostile.DEPARTED)
    hostile_fields(files)


def foreign(files: Files, fit: Fit, keys: Iterable[str]) -> None:
    for key in keys:
        at = files.moment(2 * DAY, 900 * DAY)
        if files.ledger.holds(key):
            files.ledger.put(files.plant("hostile", key), b"hostile", at, None, fit)


def hostile_fields(files: Files) -> None:
    """Fields that end in a newline, hold markup or terminal escapes."""
    uid, token = files.names.uid, files.names.token
    _invalid(files, "journals/keys/master", f"s3_files/journals/keys/master/{uid('ujmk')}\n", recorded=True)
    _invalid(files, "images/exports", f"s3_files/images/exports/{uid('ife')}/{token(8)}.png\n", recorded=True)
    _invalid(
        files, "images/originals", f"s3_files/images/originals/<img src=x onerror=alert(1)>/{token(8)}", recorded=False
    )
    _invalid(files, "uploads", f"s3_files/uploads/\x1b[2J\x1b[31mred/1/{token(8)}", recorded=False)


def _invalid(files: Files, family: str, key: str, recorded: bool) -> None:
    at = files.moment(3 * DAY, 900 * DAY)
    if not files.ledger.holds(key):
        return
    files.plant("invalid-field", key)
    if recorded:
        refer(files, family, key, files.store(key, body_of(key, family), family, at=at, fit=Fit.INVALID_FIELD), at)
    else:
        files.ledger.put(key, body_of(key, family), at, family, Fit.INVALID_FIELD)
