"""The service as the first night finds it: some hundred objects, all of them in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.nights.service import Service
from tests.world import catalogue, embeddings, people
from tests.world.backups import jobs, old_database
from tests.world.bodies import filler
from tests.world.embeddings import Journey
from tests.world.files import Files
from tests.world.images import Image, image
from tests.world.ledger import DAY, HOUR
from tests.world.media import audio, video
from tests.world.people import User
from tests.world.referrers import in_library, use_content

LIBRARY, ACCOUNTS, FILMS = 30, 12, 10
BACKUPS = (22.25, 23.5)  # hours after the audit of the night before
PART = 3_000  # bytes; a mebibyte in the real service


@dataclass
class Stock:
    """What is there to be deleted, by mishap or by the day's work; row ids, the oldest first."""

    journeys: list[Journey]
    pictures: Image  # of the journeys; nobody deletes it
    embedding: str  # key of the newest
    images: deque[int] = field(default_factory=deque)
    sounds: deque[int] = field(default_factory=deque)
    films: deque[int] = field(default_factory=deque)
    members: deque[int] = field(default_factory=deque)  # users with keys of journals
    pictured: deque[int] = field(default_factory=deque)  # users with a profile picture
    finished: deque[int] = field(default_factory=deque)  # uploads of files whose parts are not deleted yet


def found(service: Service) -> Stock:
    """A past of years, and a week of backups; the morning before the first night."""
    start = service.ledger.now
    stock = service.upload(_catalogue)
    for number in range(LIBRARY):
        service.upload(lambda files, age=number: library(files, stock, files.ago((90 - age) * DAY)))
    for number in range(ACCOUNTS):
        service.upload(lambda files, age=number: member(files, stock, files.ago((60 - age) * DAY)))
        service.upload(lambda files, age=number: pictured(files, stock, files.ago((60 - age) * DAY)))
    for number in range(FILMS):
        service.upload(lambda files, age=number: film(files, stock, files.ago((300 - age) * DAY)))
    service.upload(_rowless)
    for day in range(7, 0, -1):
        for hour in BACKUPS:
            service.ledger.now = start - day * DAY + int(hour * HOUR)
            service.back_up()
    service.ledger.now = start
    service.purgatory.clear()
    return stock


def _catalogue(files: Files) -> Stock:
    known = catalogue.catalogue(files)
    made = embeddings.draft(files, known.journeys)
    return Stock(known.journeys, known.pictures, embeddings.write(files, made, files.ago(6 * DAY)))


def _rowless(files: Files) -> None:
    jobs(files)
    at = files.ago(50 * DAY)
    files.ledger.put(
        f"s3_files/backup/database/timely/0039_emotions-{at}.bak", old_database(), at + 3, "backup/database/timely"
    )


# -- what is uploaded in the founding days and on every day after


def library(files: Files, stock: Stock, at: float) -> None:
    """A picture and a sound that admins may pick from."""
    picture = image(files, at, 2)
    in_library(files, "client_flow_images", at, image_file_id=picture.row)
    stock.images.append(picture.row)
    sound = audio(files, at, 10, (64,))
    use_content(files, sound.row, at)
    stock.sounds.append(sound.row)


def member(files: Files, stock: Stock, at: float) -> User:
    """A user who keeps a journal."""
    owner = people.user(files, at)
    people.master_key(files, owner, at)
    people.client_key(files, owner, at)
    stock.members.append(owner.row)
    return owner


def pictured(files: Files, stock: Stock, at: float) -> None:
    owner = people.user(files, at)
    people.profile_picture(files, owner, at, 2)
    stock.pictured.append(owner.row)


def film(files: Files, stock: Stock, at: float) -> None:
    made = video(files, at, exports=2)
    in_library(files, "course_videos", at, content_file_id=made.row)
    stock.films.append(made.row)


def upload_of_a_file(files: Files, *, done: bool) -> int:
    """Three parts; `done`: they were all there. Otherwise nobody ever comes for the upload, and it expires."""
    at = files.ledger.now
    uid, jobs = files.names.uid("s3fu"), dict.fromkeys(("success_job_name", "failure_job_name"), "runners.process")
    arguments = dict.fromkeys(("success_job_kwargs", "failure_job_kwargs"), "{}")
    times = {"created_at": at, "completed_at": at + 60 if done else None, "expires_at": at + 3600}
    upload = files.ledger.insert("s3_file_uploads", at, uid=uid, job_progress_uid=None, **jobs, **arguments, **times)
    for number in range(1, 4):
        key = f"s3_files/uploads/{uid}/{number}/{files.names.token(8)}"
        size = PART if number < 3 else PART // 2
        stored = files.store(key, filler(key, size), "uploads", at=at)
        span = {"start_byte": (number - 1) * PART, "end_byte": (number - 1) * PART + size, "part_number": number}
        part = files.names.uid("s3fup")
        files.ledger.insert("s3_file_upload_parts", at, uid=part, s3_file_upload_id=upload, s3_file_id=stored, **span)
    return upload
