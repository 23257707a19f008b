"""Faults of backups, course exports, originals and job files; no other rule has a word about these files.

Broken database backups are timely ones, so that they are no part of the series and nobody's source of rows.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from tests.world import backups
from tests.world.bodies import course_zip, mp4, redis_backup
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import image
from tests.world.ledger import DAY, HOUR, EmbeddingFault
from tests.world.referrers import in_library


def plant(files: Files, known: Catalogue) -> None:
    _database(files)
    _redis(files)
    _clock(files)
    _course(files, known)
    _originals(files)
    _jobs(files)


def _fault(files: Files, code: str, key: str, needs: str = "file") -> None:
    files.ledger.faults[key].append(EmbeddingFault(code, needs))
    files.plant(code, key)


def _without_files() -> bytes:
    """A database of something else."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE other (id INTEGER PRIMARY KEY)")
    body = connection.serialize()
    connection.close()
    return body


def _database(files: Files) -> None:
    tiny = backups.old_database()
    bodies = [backups.broken(tiny, how) for how in ("truncated", "garbage")]
    bodies += [tiny[:512] + b"\x5a" * 512 + tiny[1024:], _without_files(), b"", redis_backup({b"a": b"b"})]
    for body in bodies:
        at = files.moment(40 * DAY, 700 * DAY)
        key = f"s3_files/backup/database/timely/0039_emotions-{at}.bak"
        files.ledger.put(key, body, at + 3, "backup/database/timely")
        _fault(files, "BAK001", key)


def _redis(files: Files) -> None:
    """Half a year ago; the last of them is sound, and much smaller than the one before it."""
    values = {b"key:%d" % number: b"value of some length %d" % number for number in range(6)}
    sound = redis_backup(values)
    changes: list[Callable[[bytes], bytes]] = [
        lambda body: body[:-5],
        lambda body: body[:20] + bytes([body[20] ^ 4]) + body[21:],
        lambda body: body + b"\0\0",
        lambda body: b"<Error>SlowDown</Error>".ljust(len(body)),
    ]
    for number, change in enumerate(changes):
        at = files.ago(180 * DAY - number * 12 * HOUR)
        key = f"s3_files/backup/redis/{at}.bak"
        files.ledger.put(key, change(sound), at + 2, "backup/redis")
        _fault(files, "BAK002", key)
    at = files.ago(178 * DAY)
    files.ledger.put(f"s3_files/backup/redis/{at}.bak", redis_backup({b"key:1": b"left"}), at + 2, "backup/redis")


def _clock(files: Files) -> None:
    """Stored again a day later, and stored by a host whose clock is two hours ahead."""
    for apart in (DAY, -2 * HOUR):
        at = files.moment(40 * DAY, 700 * DAY)
        key = files.plant("BAK005", f"s3_files/backup/database/timely/0039_emotions-{at}.bak")
        files.ledger.put(key, backups.old_database(), at + apart, "backup/database/timely")


def _course(files: Files, known: Catalogue) -> None:
    sound = course_zip(["Calm_mornings", "Calm_evenings"], "faulty")
    bodies = {
        "cut": sound[:-30],
        "flipped": sound[:60] + bytes([sound[60] ^ 1]) + sound[61:],
        "other": mp4("not a zip", 500),
    }
    for body in bodies.values():
        _course_export(files, known, body, hashlib.sha512(body).hexdigest(), "file")
    _course_export(files, known, sound, files.names.digest(), "tables")


def _course_export(files: Files, known: Catalogue, body: bytes, sha512: str, needs: str) -> None:
    at = files.moment(30 * DAY, 300 * DAY)
    uid = files.names.uid("ce")
    course_uid, course = _course_row(files, known, at)
    key = f"s3_files/courses/{course_uid}/{uid}/{files.names.token(8)}.zip"
    values = {"uid": uid, "course_id": course, "inputs_hash": files.names.digest(), "output_sha512": sha512}
    stored = files.store(key, body, "courses", at=at)
    files.ledger.insert("course_exports", at, s3_file_id=stored, created_at=at, **values)
    _fault(files, "ZIP001", key, needs)


def _course_row(files: Files, known: Catalogue, at: float) -> tuple[str, int]:
    uid = files.names.uid("c")
    linked = {"background_original_image_file_id": known.pictures.row, "video_content_file_id": known.sound.row}
    values = {"uid": uid, "slug": uid[-8:].lower(), "title": "Faulty export"}
    return uid, files.ledger.insert("courses", at, created_at=at, **values, **linked)


def _originals(files: Files) -> None:
    """The bytes changed after the upload; the size did not."""
    at = files.moment(30 * DAY, 900 * DAY)
    made = image(files, at, 1, ("jpeg",))
    in_library(files, "client_flow_images", at, image_file_id=made.row)
    row = next(row for row in files.ledger.rows if row.table == "image_files" and row.values["id"] == made.row)
    row.values["original_sha512"] = files.names.digest()
    stored = next(row for row in files.ledger.rows if row.table == "s3_files" and row.values["id"] == made.original)
    _fault(files, "ORG001", stored.values["key"], "tables")


def _jobs(files: Files) -> None:
    for body in (b"", b"calm\nangry\n", b"calm\n\xff\xfe\n"):
        at = files.moment(30 * DAY, 300 * DAY)
        name = datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat()
        key = f"s3_files/jobs/repopulate_emotions/dropped_{name}.000001.txt"
        files.ledger.put(key, body, at, "jobs/repopulate_emotions")
        _fault(files, "JOB001", key)
