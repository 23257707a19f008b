"""What must stay silent, however much it looks like a fault."""

from __future__ import annotations

from tests.world import embeddings, people
from tests.world.bodies import filler, jpeg, mp4
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.images import export_row, image
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR, Ledger
from tests.world.media import audio, video

MIB = 1_048_576
NAMES = (
    "two\nlines and\ttab",
    "\"double\" and 'single' quotes",
    "Übung — 深呼吸 😀",
    "cafe\u0301",  # decomposed; the composed twin is another key
    "caf\u00e9",
    "100%2Fpercent + plus & ampersand",
    "hls/looks/like/segments.ts",
    "\ue000 sorts after U+FFFF in UTF-16 only",
    "right\u202eot-tfel",
    " blank at both ends ",
    "=1+1;$(rm -rf)",
)


def names(files: Files, chosen: tuple[str, ...] = NAMES) -> None:
    """Originals have any name the uploader chose: slashes, quotes, every script."""
    for number, name in enumerate(chosen):
        at = files.moment(20 * DAY, 900 * DAY)
        full = f"{name}-{files.names.token(16)}"
        if not files.ledger.holds(full):
            continue
        content = video(files, at, full, 0) if number % 2 else audio(files, at, 10, (64,), full)
        files.plant("name", f"s3_files/{'videos' if number % 2 else 'audio'}/originals/{content.uid}/{full}")


def voice_note(files: Files) -> None:
    content = audio(files, files.ago(70 * DAY), 10, (192,), files.names.voice_note_name())
    files.plant("voice-note-name", content.uid)


def foreign_uids(files: Files) -> None:
    """Audio and video whose keys hold a content file uid that no row has, as the service's races leave them."""
    for make in (audio, video):
        content = make(files, files.moment(30 * DAY, 600 * DAY), other_uid=True, seconds=20)
        files.plant("uid-without-row", content.uid)


def uploads(files: Files) -> None:
    """One upload in flight, with parts not begun, not recorded yet and recorded; one that is being stitched."""
    _upload(files, files.ago(HOUR // 3), ("stored", "unrecorded", None), 4096)
    _upload(files, files.ago(2 * HOUR), ("stored", "stored"), MIB)


def _upload(files: Files, at: int, parts: tuple[str | None, ...], size: int) -> None:
    uid = files.names.uid("s3fu")
    values = {"uid": uid, "success_job_name": "runners.process_journey_audio_content", "success_job_kwargs": "{}"}
    values |= {"failure_job_name": "runners.delete_file_upload", "failure_job_kwargs": "{}", "job_progress_uid": None}
    done = at + 60 if all(part == "stored" for part in parts) else None
    row = files.ledger.insert("s3_file_uploads", at, **values, created_at=at, completed_at=done, expires_at=at + DAY)
    for number, state in enumerate(parts, start=1):
        length = size if number < len(parts) else 1500
        start = (number - 1) * size
        stored = _part(files, uid, number, length, at, state)
        values = {
            "uid": files.names.uid("s3fup"),
            "s3_file_upload_id": row,
            "part_number": number,
            "s3_file_id": stored,
        }
        files.ledger.insert("s3_file_upload_parts", at + 30, start_byte=start, end_byte=start + length, **values)


def _part(files: Files, uid: str, number: int, length: int, at: int, state: str | None) -> int | None:
    key = f"s3_files/uploads/{uid}/{number}/{files.names.token(8)}"
    if state is None:
        return None
    files.plant("upload-in-flight", key)
    if state == "unrecorded":
        files.ledger.put(key, filler(key, length), at + 30, "uploads")
        return None
    return files.store(key, filler(key, length), "uploads", at=at + 30)


def young(files: Files, known: Catalogue) -> None:
    """Objects whose row is still to come, rows whose object is, rows whose age nobody can tell."""
    for hours in (2, 5, 20):
        key = _export_key(files)
        files.ledger.put(
            files.plant("young-object", key), jpeg(key, 90, 72, 72), files.ago(hours * HOUR), "images/exports"
        )
    for hours in (2, 5, 20):
        files.record(files.plant("young-row", _export_key(files)), "images/exports", 321, born=files.ago(hours * HOUR))
    for created_at in ("not a time", 1_700_000_000_000):  # text, and milliseconds
        key = files.plant("row-without-time", _export_key(files))
        files.record(key, "images/exports", 321, born=files.ago(300 * DAY), created_at=created_at)
    made = embeddings.draft(files, known.journeys[:8])
    made.lost_items = 3
    files.plant("lagging-items", embeddings.write(files, made, files.ago(2 * HOUR)))


def sizes(files: Files, known: Catalogue) -> None:
    """A size that the service could not tell, and an object that was overwritten a while ago together with its row."""
    for hours in (2, 5000):
        key = files.plant("size-unknown", _export_key(files))
        files.store(key, jpeg(key, 120, 45, 45), "images/exports", at=files.ago(hours * HOUR), size=-1)
    key = files.plant("overwritten", _export_key(files))
    first, again = files.ago(500 * DAY), files.ago(2 * HOUR)
    body = jpeg(key, 200, 45, 45)
    files.ledger.put(key, body, again, "images/exports")
    old = files.record(key, "images/exports", 77, born=first, died=again)
    values = next(row.values for row in files.ledger.rows if row.table == "s3_files" and row.values["id"] == old)
    files.ledger.insert_again("s3_files", values | {"file_size": len(body)}, born=again)
    export_row(files, key.split("/")[3], known.pictures.row, old, first, "jpeg", (45, 45))


def since_backup(files: Files, known: Catalogue) -> None:
    """Uploads and deletions after the newest backup."""
    at = files.ago(5 * HOUR)
    files.plant("after-backup", image(files, at, 2).uid)
    for days in (30, 300):
        key = files.plant("deleted-since-backup", _export_key(files))
        born, died = files.ago(days * DAY), files.ago(4 * HOUR)
        row = files.record(key, "images/exports", 250, born=born, died=died)
        export_row(files, key.split("/")[3], known.pictures.row, row, born, "jpeg", (45, 45), died=died)


def leaks(files: Files, known: Catalogue) -> None:
    """What the service is known to leave behind with row and object: not this tool's orphans."""
    at = files.moment(60 * DAY, 700 * DAY)
    people.profile_picture(files, None, at, 2)
    people.profile_picture(files, people.user(files, at), at, 2)
    for kind in ("audio", "videos"):
        uid = files.names.uid("cf")
        key = files.plant("leaked-original", f"s3_files/{kind}/originals/{uid}/journey_video-{files.names.token(16)}")
        files.store(key, mp4(key, 300), f"{kind}/originals", at=at)
    for family in ("images/exports", "journals/keys/master"):  # crashes between the file's row and its owner's
        key = files.plant("unreferenced", key_of(files, family))
        files.store(key, body_of(key, family), family, at=at)
    image(files, at, 0)  # an image file without exports, which the service can never delete
    bare = audio(files, at, 10, (64,))
    values = {"uid": files.names.uid("cfcf"), "content_file_id": bare.row, "original_s3_file_id": bare.original}
    files.ledger.insert("client_flow_content_files", at, created_at=at, **values)


def _export_key(files: Files) -> str:
    return f"s3_files/images/exports/{files.names.uid('ife')}/{files.names.token(8)}.jpeg"


def plant(ledger: Ledger, known: Catalogue) -> None:
    files = Files(ledger, "traps")
    names(files)
    voice_note(files)
    foreign_uids(files)
    uploads(files)
    young(files, known)
    sizes(files, known)
    since_backup(files, known)
    leaks(files, known)
