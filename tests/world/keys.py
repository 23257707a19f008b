"""A key of each family that needs rows, and bytes that suit it, for objects that stand alone."""

from __future__ import annotations

from tests.world.backups import old_database
from tests.world.bodies import IMAGES, course_zip, fernet_key, filler, jpeg, mp4, redis_backup, transport_stream, webp
from tests.world.files import Files


def key_of(files: Files, family: str) -> str:
    """A key of a family as the service would draw it."""
    names = files.names
    beginning = f"s3_files/{family}"
    content = names.uid("cf")
    kind = family.split("/", maxsplit=1)[0]
    made = {
        "images/originals": lambda: f"{beginning}/{names.uid('if')}/{names.token(8)}",
        "images/exports": lambda: f"{beginning}/{names.uid('ife')}/{names.token(8)}.webp",
        "uploads": lambda: f"{beginning}/{names.uid('s3fu')}/{names.random.randint(1, 40)}/{names.token(8)}",
        "audio/mp4": lambda: f"s3_files/audio/{content}/mp4/128/{names.token(8)}.mp4",
        "audio/hls": lambda: f"s3_files/audio/{content}/hls/{names.token(8)}.ts",
        "videos/mp4": lambda: f"s3_files/videos/{content}/mp4/10870331/{names.token(8)}.mp4",
        "courses": lambda: f"{beginning}/{names.uid('c')}/{names.uid('ce')}/{names.token(8)}.zip",
        "journals/keys/master": lambda: f"{beginning}/{names.uid('ujmk')}",
        "journals/keys/client": lambda: f"{beginning}/{names.uid('ujck')}",
        "journey_embeddings": lambda: f"{beginning}/{names.uid('jemb')}",
    }
    return made.get(family, lambda: f"s3_files/{kind}/originals/{content}/journey_{kind}-{names.token(16)}")()


def body_of(key: str, family: str) -> bytes:
    if family == "images/exports":
        suffix = key.rpartition(".")[2].strip()
        return IMAGES.get(suffix, webp)(key, 120, 342, 72)
    if family == "images/originals":
        return jpeg(key, 300, 192, 108)
    if family == "audio/hls":
        return transport_stream(key, 2)
    if family.startswith("journals/"):
        return fernet_key(key)
    if family.startswith("backup/"):
        return redis_backup({key.encode(): b"1"}) if family == "backup/redis" else old_database()
    if family == "jobs/repopulate_emotions":
        return b"angry\ncalm\nhappy"
    if family == "courses":
        return course_zip(["Rest"], key)
    return mp4(key, 250) if family.startswith(("audio", "videos")) else filler(key, 180)
