"""Objects whose owner is gone, parts of uploads that nobody wants, content types and lengths that are wrong."""

from __future__ import annotations

from tests.world import embeddings
from tests.world.bodies import filler, png
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import export_row
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR, EmbeddingFault
from tests.world.people import User, user


def owners(files: Files, known: Catalogue) -> None:
    """Old files whose owner was never written, went long ago, went since the backup, or came since."""
    for family in ("images/exports", "images/originals", "journals/keys/client"):
        key = files.plant("owner-missing", key_of(files, family))
        files.store(key, body_of(key, family), family, at=files.moment(3 * DAY, 900 * DAY))
    made = embeddings.draft(files, known.journeys[:4])
    key = files.plant("owner-missing", embeddings.write(files, made, files.ago(60 * DAY), rows=False))
    files.record(key, embeddings.FAMILY, len(made.body), born=files.ago(60 * DAY))
    _courses(files, known)
    for kind, born, died in (
        ("owner-gone", 300 * DAY, 200 * DAY),
        ("owner-gone-since-backup", 300 * DAY, 4 * HOUR),
        ("owner-come-since-backup", 3 * HOUR, None),
    ):
        key, row = _export(files, 300 * DAY)
        gone = None if died is None else files.ago(died)
        export_row(files, key.split("/")[3], known.pictures.row, row, files.ago(born), "png", (45, 45), died=gone)
        files.plant(kind, key)
    files.plant("owner-to-come", _export(files, 5 * HOUR)[0])
    young = files.plant("late-row", key_of(files, "images/exports"))  # which a backup lacks
    files.ledger.put(young, body_of(young, "images/exports"), files.ago(40 * DAY), "images/exports")
    files.record(young, "images/exports", len(body_of(young, "images/exports")), born=files.ago(3 * HOUR))


def _export(files: Files, age: float) -> tuple[str, int]:
    uid, token = files.names.uid("ife"), files.names.token(8)
    key = f"s3_files/images/exports/{uid}/{token}.png"
    return key, files.store(key, png(key, 90, 45, 45), "images/exports", at=files.ago(age))


def _courses(files: Files, known: Catalogue) -> None:
    """One of the two owners is there, each in its turn."""
    course = next(row for row in files.ledger.rows if row.table == "courses").values
    export = next(row for row in files.ledger.rows if row.table == "course_exports").values
    for uid, part in ((course["uid"], files.names.uid("ce")), (files.names.uid("c"), export["uid"])):
        key = files.plant("owner-missing", f"s3_files/courses/{uid}/{part}/{files.names.token(8)}.zip")
        files.store(key, body_of(key, "courses"), "courses", at=files.ago(50 * DAY))


def uploads(files: Files) -> None:
    """Uploads that ended long ago, ended lately, or are gone; parts of the wrong length."""
    for kind, created, done in (
        ("stale-part", 40 * DAY, 40 * DAY - HOUR),  # finished
        ("stale-part", 30 * DAY, None),  # expired
        ("stale-part", 9 * DAY, 3 * DAY),  # expired, and finished later
        ("stale-part-of-yesterday", 31 * HOUR, 30 * HOUR),  # too young for a backup
        ("ended-part", 43 * HOUR, None),  # expired too lately
        ("ended-part", 21 * HOUR, 20 * HOUR),  # finished too lately
    ):
        for part in upload(files, created, done, (300, 100)):
            files.plant(kind, part)
    for key in upload(files, 60 * DAY, None, (50,), died=20 * DAY):
        files.plant("part-without-upload", key)
    for age, lengths in ((20 * DAY, (64, 65)), (3 * HOUR, (70,)), (14 * HOUR, (10, 0))):
        for key in upload(files, age, None, lengths, wrong=1):
            files.plant("wrong-part", key)


def upload(
    files: Files,
    created: float,
    done: float | None,
    lengths: tuple[int, ...],
    died: float | None = None,
    wrong: int = 0,
) -> list[str]:
    """An upload of some age with its parts, which are `wrong` bytes longer than their ranges; the parts' keys."""
    at, uid = files.ago(created), files.names.uid("s3fu")
    gone = None if died is None else files.ago(died)
    values = {"uid": uid, "success_job_name": "runners.process_course_video", "success_job_kwargs": "{}"}
    values |= {"failure_job_name": "runners.delete_file_upload", "failure_job_kwargs": "{}", "job_progress_uid": None}
    ended = {"completed_at": None if done is None else files.ago(done), "expires_at": at + DAY}
    row = files.ledger.insert("s3_file_uploads", at, gone, **values, created_at=at, **ended)
    start, keys = 0, []
    for number, length in enumerate(lengths, start=1):
        key = f"s3_files/uploads/{uid}/{number}/{files.names.token(8)}"
        stored = files.store(key, filler(key, length + wrong), "uploads", at=at + 30)
        of = {"uid": files.names.uid("s3fup"), "s3_file_upload_id": row, "part_number": number, "s3_file_id": stored}
        files.ledger.insert("s3_file_upload_parts", at, gone, **of, start_byte=start, end_byte=start + length)
        start += length
        keys.append(key)
    return keys


def content_types(files: Files, known: Catalogue) -> None:
    """Types of another format, of none, and in other spellings of the right one."""
    for kind, said in (
        ("wrong-type", "image/jpeg"),
        ("wrong-type", ""),
        ("wrong-type", "image/png2"),
        ("wrong-type", "text/plain; image/png"),
        ("right-type", "Image/PNG"),
        ("right-type", " image/png ; charset=binary"),
    ):
        key = f"s3_files/images/exports/{files.names.uid('ife')}/{files.names.token(8)}.png"
        at = files.moment(3 * DAY, 900 * DAY)
        row = files.store(files.plant(kind, key), png(key, 90, 45, 45), "images/exports", "x/y", at=at)
        _retype(files, row, said)
        if said == "image/jpeg":  # another image, where the others are none
            files.ledger.faults[key].append(EmbeddingFault("IMG001", "tables"))
        export_row(files, key.split("/")[3], known.pictures.row, row, at, "png", (45, 45))
    for kind, family, said in (
        ("wrong-type", "audio/hls", "audio/mp4"),
        ("wrong-type", "videos/mp4", "application/octet-stream"),
        ("wrong-type", "audio/originals", "text/html"),
        ("right-type", "audio/originals", "audio/x-wav"),
        ("right-type", "audio/hls", "video/mp2t"),
    ):
        key = files.plant(kind, key_of(files, family))
        files.store(key, body_of(key, family), family, said, at=files.ago(5 * HOUR))


def _retype(files: Files, row: int, said: str) -> None:
    """`store` takes an empty type for none given."""
    values = next(one.values for one in files.ledger.rows if one.table == "s3_files" and one.values["id"] == row)
    values["content_type"] = said


def journal_keys(files: Files) -> None:
    """Of every wrong length, old and young, with their rows."""
    for length, age in ((0, 90 * DAY), (43, 400 * DAY), (45, 3 * HOUR), (88, 60 * DAY)):
        owner = user(files, files.ago(age))
        for family, prefix in (("master", "ujmk"), ("client", "ujck")):
            _journal_key(files, owner, family, prefix, length, files.ago(age))


def _journal_key(files: Files, owner: User, family: str, prefix: str, length: int, at: int) -> None:
    uid = files.names.uid(prefix)
    key = files.plant("journal-key-length", f"s3_files/journals/keys/{family}/{uid}")
    stored = files.store(key, filler(key, length), f"journals/keys/{family}", at=at)
    values = {"uid": uid, "user_id": owner.row, "s3_file_id": stored}
    if family == "client":
        values["platform"] = "ios"
    files.ledger.insert(f"user_journal_{family}_keys", at, created_at=at + 0.5, **values)
