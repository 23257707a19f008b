"""What the service's code is known to leave behind with its row and its object: REF004."""

from __future__ import annotations

from tests.world import embeddings, people
from tests.world.bodies import filler, mp4
from tests.world.catalogue import Catalogue, course_export
from tests.world.files import Files
from tests.world.images import Image, image
from tests.world.keys import body_of, key_of
from tests.world.ledger import DAY, HOUR
from tests.world.media import audio, video
from tests.world.referrers import screen


def plant(files: Files, known: Catalogue) -> None:
    at = files.moment(60 * DAY, 700 * DAY)
    _deleted_user(files, at)
    _originals(files, at)
    _crashes(files, at)
    _swept_voice_note(files, at)
    _replaced(files, known)
    _under_the_eyes(files)


def _deleted_user(files: Files, at: float) -> None:
    """The picture of somebody who left: exports and original. The key rows of a journal went with the user."""
    people.profile_picture(files, None, at, 3)
    for family in ("journals/keys/master", "journals/keys/client"):
        _alone(files, family, at)


def _originals(files: Files, at: float) -> None:
    """Deleting a content file forgets its original."""
    for kind in ("audio", "videos"):
        key = f"s3_files/{kind}/originals/{files.names.uid('cf')}/journey_video-{files.names.token(16)}"
        files.store(_leaked(files, key), mp4(key, 300), f"{kind}/originals", at=at)


def _crashes(files: Files, at: float) -> None:
    """Between the file's row and the rows of its image; within a deletion; an image that never got an export."""
    for family in ("images/exports", "images/originals", "audio/hls", "videos/mp4"):
        _alone(files, family, at)
    _all_leaked(files, image(files, at, 0))
    key = f"s3_files/uploads/{files.names.uid('s3fu')}/1/{files.names.token(8)}"
    files.store(_leaked(files, key), filler(key, 99), "uploads", at=at)


def _swept_voice_note(files: Files, at: float) -> None:
    """Its sound was made already when the note was given up; a film that was replaced while it was made."""
    for content in (audio(files, at, 10, (192,), files.names.voice_note_name()), video(files, at, exports=2)):
        files.plant("leaked", f"/{content.uid}/")


def _replaced(files: Files, known: Catalogue) -> None:
    """Old embeddings, one file of the real record length, and an old export of a course: nobody deletes them."""
    for age, count, dimensions in ((500, 6, 8), (200, 9, 8), (90, 6, embeddings.REAL_DIMENSIONS)):
        made = embeddings.draft(files, known.journeys[:count], dimensions)
        files.plant("embedding", _leaked(files, embeddings.write(files, made, files.ago(age * DAY))))
    for row in [row for row in files.ledger.rows if row.table == "courses"]:
        uid = row.values["uid"]
        _leaked(files, course_export(files, uid, row.values["id"], files.ago(400 * DAY), "before"))


def _under_the_eyes(files: Files) -> None:
    """Not leaks, though no foreign key leads there: what a screen names, and what is young."""
    at = files.moment(60 * DAY, 700 * DAY)
    named = image(files, at, 2)
    spoken = audio(files, at, 10, (64,))
    screen(files, at, image=named.uid, sound=spoken.uid)
    files.plant("named-in-a-text", named.uid), files.plant("named-in-a-text", spoken.uid)
    young = image(files, files.ago(5 * HOUR), 1)
    files.plant("young-and-alone", young.uid)


def _alone(files: Files, family: str, at: float) -> None:
    key = _leaked(files, key_of(files, family))
    files.store(key, body_of(key, family), family, at=at)


def _all_leaked(files: Files, picture: Image) -> None:
    files.plant("leaked", picture.uid)


def _leaked(files: Files, key: str) -> str:
    return files.plant("leaked", key)
