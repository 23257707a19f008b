"""The rows by which the service would refer to a file that was put into the world alone."""

from __future__ import annotations

import hashlib
import json

from tests.world import people
from tests.world.files import Files
from tests.world.images import export_row, image
from tests.world.media import export


def refer(files: Files, family: str, key: str, stored: int, at: float) -> None:
    """Something that is in use refers to the row with this id, which is of a file of this family."""
    kind, folders = family.split("/", maxsplit=1)[0], key.split("/")
    if family == "images/exports":
        owner = image(files, at, 0)
        in_library(files, "client_flow_images", at, image_file_id=owner.row)
        export_row(files, folders[3], owner.row, stored, at, key.rpartition(".")[2].strip(), (342, 72))
    elif family == "images/originals":
        in_library(files, "client_flow_images", at, image_file_id=_image(files, folders[3], key, stored, at))
    elif kind in ("audio", "videos"):
        original = family.endswith("originals")
        content = content_row(files, stored if original else None, at, key if original else None)
        if not original:
            export(files, content, "mp4", {}, [stored], at, 10)
        use_content(files, content, at, kind)
    elif kind == "journals":
        _journal(files, family, folders[4], stored, at)
    else:
        raise ValueError(f"nothing is known of what refers to {family}")


def in_library(files: Files, table: str, at: float, **columns: object) -> int:
    """An upload that admins may pick from."""
    return files.ledger.insert(table, at, uid=files.names.uid("x"), created_at=at, **columns)


def use_content(files: Files, content: int, at: float, kind: str = "audio") -> None:
    """The library row of a sound or a film."""
    table = "journey_audio_contents" if kind == "audio" else "course_videos"
    in_library(files, table, at, content_file_id=content)


def content_row(files: Files, original: int | None, at: float, key: str | None = None) -> int:
    """A row of `content_files`; `key` is that of its original."""
    values = {"uid": files.names.uid("cf"), "name": "alone", "original_s3_file_id": original, "duration_seconds": 10.0}
    return files.ledger.insert("content_files", at, original_sha512=_digest(files, key), created_at=at - 2.25, **values)


def screen(files: Files, at: float, **named: str) -> None:
    """A screen of the app, whose settings name images and sounds by their uids."""
    text = json.dumps({"type": "image", "props": {"items": [{"uid": uid} for uid in named.values()]}})
    files.ledger.insert("client_screens", at, uid=files.names.uid("cs"), schema=text, created_at=at)


def _image(files: Files, uid: str, key: str, original: int, at: float) -> int:
    values = {"uid": uid, "name": "alone.png", "original_s3_file_id": original}
    values |= {"original_sha512": _digest(files, key), "original_width": 192, "original_height": 108}
    return files.ledger.insert("image_files", at, created_at=at - 1.5, **values)


def _digest(files: Files, key: str | None) -> str:
    there = files.ledger.objects.get(key or "")
    return hashlib.sha512(there.body).hexdigest() if there else files.names.digest()


def _journal(files: Files, family: str, uid: str, stored: int, at: float) -> None:
    owner = people.user(files, at)
    values = {"user_id": owner.row, "s3_file_id": stored, "created_at": at}
    if family.endswith("client"):
        files.ledger.insert("user_journal_client_keys", at, uid=uid, platform="ios", **values)
    else:
        files.ledger.insert("user_journal_master_keys", at, uid=uid, **values)
