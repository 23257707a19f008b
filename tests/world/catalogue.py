"""The part that a world of any size has: journeys, courses, users, embeddings, some objects of every family."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.world import embeddings, people
from tests.world.bodies import course_zip
from tests.world.embeddings import Journey
from tests.world.files import Files
from tests.world.images import Image, image
from tests.world.ledger import DAY
from tests.world.media import Content, audio, video
from tests.world.people import User

FIRST_DAY = 1250 * DAY  # age of the oldest objects
LAST_DAY = 4 * DAY  # age of the youngest that are not placed by hand


@dataclass(frozen=True)
class Catalogue:
    journeys: list[Journey]
    users: list[User]
    courses: list[int]
    pictures: Image
    sound: Content


def catalogue(files: Files) -> Catalogue:
    """Twelve journeys on one set of pictures, six users with keys, two courses, one instructor."""
    at = files.ago(FIRST_DAY)
    pictures = background(files, at, 2)
    sound = audio(files, at, 20, (64, 128))
    moving = video(files, at, exports=1)
    instructor = _instructor(files, at)
    journeys = [
        journey(files, files.ago(FIRST_DAY - number * DAY), pictures, sound, instructor, moving) for number in range(12)
    ]
    users = [people.user(files, files.ago(FIRST_DAY - number * DAY)) for number in range(6)]
    for owner in users[:3]:
        people.master_key(files, owner, files.moment(LAST_DAY, 90 * DAY))
        people.client_key(files, owner, files.moment(LAST_DAY, 900 * DAY))
    people.profile_picture(files, users[0], files.moment(LAST_DAY, 900 * DAY), 2)
    courses = [_course(files, at, pictures[0], title) for title in ("Sleep_better", "Schöner_atmen")]
    return Catalogue(journeys, users, courses, pictures[0], sound)


def background(files: Files, at: float, exports: int) -> tuple[Image, Image, Image]:
    """A journey's pictures: plain, blurred, darkened."""
    plain, blurred, darkened = (image(files, at, exports) for _ in range(3))
    values = {"image_file_id": plain.row, "blurred_image_file_id": blurred.row, "darkened_image_file_id": darkened.row}
    files.ledger.insert("journey_background_images", at, uid=files.names.uid("jbi"), created_at=at, **values)
    return plain, blurred, darkened


def journey(
    files: Files, at: float, pictures: Sequence[Image], sound: Content, instructor: int, moving: Content | None = None
) -> Journey:
    """A row of `journeys`; one in ten is deleted softly, so its files stay in use."""
    uid = files.names.uid("j")
    plain, blurred, darkened = pictures
    row = files.ledger.insert(
        "journeys",
        at,
        uid=uid,
        audio_content_file_id=sound.row,
        background_image_file_id=plain.row,
        blurred_background_image_file_id=blurred.row,
        darkened_background_image_file_id=darkened.row,
        instructor_id=instructor,
        title=f"Journey {uid[-4:]}",
        created_at=at,
        deleted_at=at + DAY if files.names.random.random() < 0.1 else None,
        special_category=None,
        sample_content_file_id=None,
        video_content_file_id=moving.row if moving else None,
        share_image_file_id=image(files, at, 1, ("jpeg",), "json").row if files.names.random.random() < 0.2 else None,
    )
    return Journey(row, uid)


def _instructor(files: Files, at: float) -> int:
    picture = image(files, at, 2, ("svg",), "svg")
    values = {"uid": files.names.uid("i"), "name": "Ängla O'Neill", "picture_image_file_id": picture.row}
    files.ledger.insert(
        "instructor_profile_pictures", at, uid=files.names.uid("ipp"), image_file_id=picture.row, created_at=at
    )
    return files.ledger.insert("instructors", at, created_at=at, **values)


def _course(files: Files, at: float, picture: Image, title: str) -> int:
    """A course with its newest export."""
    uid = files.names.uid("c")
    values = {"uid": uid, "slug": uid[-8:].lower(), "title": title.replace("_", " ")}
    moving = video(files, at, f"course_video-{files.names.token(16)}", 2)
    files.ledger.insert("course_videos", at, uid=files.names.uid("cv"), content_file_id=moving.row, created_at=at)
    linked = {"background_original_image_file_id": picture.row, "video_content_file_id": moving.row}
    row = files.ledger.insert("courses", at, created_at=at, **values, **linked)
    course_export(files, uid, row, files.ago(40 * DAY), title)
    return row


def course_export(files: Files, course_uid: str, course: int, at: float, title: str) -> str:
    uid = files.names.uid("ce")
    key = files.plant("course-zip", f"s3_files/courses/{course_uid}/{uid}/{files.names.token(8)}.zip")
    body = course_zip([title], uid)
    stored = files.store(key, body, "courses", at=at)
    values = {"uid": uid, "course_id": course, "inputs_hash": files.names.digest(), "s3_file_id": stored}
    files.ledger.insert("course_exports", at, output_sha512=hashlib.sha512(body).hexdigest(), created_at=at, **values)
    return key


def sound_embeddings(files: Files, journeys: list[Journey]) -> None:
    """The newest file, which is in use."""
    made = embeddings.draft(files, journeys, 8)
    files.plant("embedding", embeddings.write(files, made, files.ago(6 * DAY)))
