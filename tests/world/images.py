"""Image files as the service makes them: an original, exports, and the rows of both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tests.world.bodies import IMAGES
from tests.world.files import Files

# The shapes of real exports; their sizes are real only where drawing and decoding them costs nothing.
_SIZES = ((342, 72), (39, 84), (117, 253), (80, 150), (45, 45), (256, 144), (60, 60), (120, 63))
_ORIGINAL = (192, 108)


@dataclass(frozen=True)
class Image:
    """Row ids of an image file and of its original, and the image file's uid."""

    row: int
    original: int
    uid: str


def image(
    files: Files, at: float, exports: int, formats: tuple[str, ...] = ("jpeg", "webp"), source: str = "jpeg"
) -> Image:
    """One image file with its original and `exports` exports. `source` "json" is a share image's settings."""
    uid = files.names.uid("if")
    width, height = (0, 0) if source == "json" else _ORIGINAL
    body = _original(uid, source, width, height)
    key = f"s3_files/images/originals/{uid}/{files.names.token(8)}"
    original = files.store(key, body, "images/originals", at=at)
    values = {"uid": uid, "name": f"{source}-{uid[-6:].lower()}.{source}", "original_s3_file_id": original}
    values |= {"original_sha512": hashlib.sha512(body).hexdigest(), "original_width": width, "original_height": height}
    row = files.ledger.insert("image_files", at, created_at=at - 1.5, **values)
    for number in range(exports):
        image_export(files, row, at, formats[number % len(formats)], _SIZES[number % len(_SIZES)])
    return Image(row, original, uid)


def _original(uid: str, source: str, width: int, height: int) -> bytes:
    if source == "json":
        return json.dumps({"name": "ShareImage", "title": uid, "type": "journey"}, sort_keys=True).encode()
    return IMAGES[source](uid, 400, width, height)


def image_export(files: Files, image_row: int, at: float, form: str, size: tuple[int, int]) -> str:
    """One export with its row; returns the key."""
    uid = files.names.uid("ife")
    key = f"s3_files/images/exports/{uid}/{files.names.token(8)}.{form}"
    body = IMAGES[form](uid, files.names.random.randint(80, 320), *size)
    stored = files.store(key, body, "images/exports", at=at + files.names.random.randint(1, 240))
    export_row(files, uid, image_row, stored, at, form, size)
    return key


def original_row(files: Files, key: str, body: bytes, stored: int, at: float, size: tuple[int, int]) -> int:
    """A new image file for an original that is stored already, with the size in pixels that its row is to say."""
    uid = key.split("/")[3]
    values = {"uid": uid, "name": f"{uid[-6:].lower()}.jpeg", "original_s3_file_id": stored}
    values |= {"original_sha512": hashlib.sha512(body).hexdigest(), "original_width": size[0]}
    return files.ledger.insert("image_files", at, created_at=at - 1.5, original_height=size[1], **values)


def export_row(
    files: Files,
    uid: str,
    image_row: int,
    stored: int,
    at: float,
    form: str,
    size: tuple[int, int],
    died: float | None = None,
) -> int:
    width, height = size
    values = dict.fromkeys(("left_cut_px", "right_cut_px", "top_cut_px", "bottom_cut_px"), 0)
    quality = {"lossless": False, "quality": 95} if form != "svg" else {}
    return files.ledger.insert(
        "image_file_exports",
        at,
        died,
        uid=uid,
        image_file_id=image_row,
        s3_file_id=stored,
        width=width,
        height=height,
        format=form,
        quality_settings=json.dumps(quality, sort_keys=True),
        thumbhash="3OcRJYB4d3h_iIeHeEh3eIhw-j3A",
        created_at=at,
        **values,
    )
