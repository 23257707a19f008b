"""Images, sound and film that are not what their keys or rows say; each is an object of months ago with its row."""

from __future__ import annotations

from dataclasses import dataclass

from tests.world.bodies import jpeg, mp4, png, svg, transport_stream, webp
from tests.world.files import Files
from tests.world.images import export_row, original_row
from tests.world.keys import key_of
from tests.world.ledger import DAY, EmbeddingFault
from tests.world.referrers import in_library, refer

_SIZE = (72, 40)
_ERROR_PAGE = b"<html><body>503 Service Unavailable</body></html>"


@dataclass(frozen=True)
class Bad:
    """One object: the rule that must name it, its family, its body, the extension of an export."""

    code: str
    family: str
    body: bytes
    extension: str = ""
    needs: str = "file"


def _flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0x10]) + body[at + 1 :]


def _images() -> list[Bad]:
    exports, originals = "images/exports", "images/originals"
    sound = {form: make("bad", 150, *_SIZE) for form, make in (("png", png), ("jpeg", jpeg), ("webp", webp))}
    script = svg("bad", 100, *_SIZE).replace(b"<!--", b"<script>alert(1)</script><!--")
    entity = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("bad", 100, *_SIZE)
    return [
        Bad("IMG001", exports, sound["jpeg"], "webp"),
        Bad("IMG001", exports, _ERROR_PAGE, "png"),
        Bad("IMG001", originals, _ERROR_PAGE),
        Bad("IMG001", originals, b""),
        Bad("IMG002", exports, png("bad", 150, 71, 40), "png", "tables"),
        Bad("IMG002", originals, jpeg("bad", 150, 72, 41), "", "tables"),
        Bad("IMG003", exports, script, "svg"),
        Bad("IMG003", originals, entity),
        Bad("IMG004", exports, _flipped(sound["png"], len(sound["png"]) // 2), "png"),
        Bad("IMG004", exports, sound["jpeg"][:-40], "jpeg"),
        Bad("IMG004", exports, sound["webp"][:-1], "webp"),
    ]


def _media() -> list[Bad]:
    film, stream = mp4("bad", 500), transport_stream("bad", 5)
    return [
        Bad("MED001", "audio/mp4", _ERROR_PAGE),
        Bad("MED001", "videos/mp4", film[:-77]),
        Bad("MED001", "videos/originals", film[:40]),
        Bad("MED001", "audio/originals", _ERROR_PAGE),
        Bad("MED001", "audio/hls", stream[:-1]),
        Bad("MED001", "audio/hls", stream[:188] + b"\0" + stream[189:]),
        Bad("MED001", "audio/hls", stream[:376] + stream[564:]),
        Bad("MED001", "audio/hls", film),
        Bad("MED002", "audio/mp4", mp4("bad", 500, faststart=False)),
        Bad("MED002", "videos/mp4", mp4("bad", 500, faststart=False)),
    ]


def images(files: Files, image_file: int) -> None:
    for bad in _images():
        key = key_of(files, bad.family)
        if bad.extension:
            key = f"{key.rpartition('.')[0]}.{bad.extension}"
        stored, at = _store(files, key, bad)
        if bad.extension:
            export_row(files, key.split("/")[3], image_file, stored, at, bad.extension, _SIZE)
        else:
            owner = original_row(files, key, bad.body, stored, at, _SIZE)
            in_library(files, "client_flow_images", at, image_file_id=owner)


def media(files: Files) -> None:
    for bad in _media():
        key = key_of(files, bad.family)
        refer(files, bad.family, key, *_store(files, key, bad))


def _store(files: Files, key: str, bad: Bad) -> tuple[int, int]:
    at = files.moment(30 * DAY, 300 * DAY)
    files.ledger.faults[files.plant(bad.code, key)].append(EmbeddingFault(bad.code, bad.needs))
    return files.store(key, bad.body, bad.family, at=at), at
