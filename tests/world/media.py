"""Audio and video content files: original, MP4 exports, HLS segments, and the rows of all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tests.world.bodies import mp4, transport_stream
from tests.world.files import Files

BITRATES = (32, 64, 90, 128, 256, 512, 1028, 1411)  # kbit/s, targets of the audio exports
_HINTS = ("journey_audio_content", "ai-journey_audio_content", "audio_interstitial")


@dataclass(frozen=True)
class Content:
    """Row ids of a content file and of its original, and the uid that its keys begin with."""

    row: int
    original: int
    uid: str


def _content_file(files: Files, kind: str, name: str, at: float, seconds: float, uid: str | None = None) -> Content:
    in_keys = files.names.uid("cf")
    body = mp4(in_keys, 300)
    original = files.store(f"s3_files/{kind}/originals/{in_keys}/{name}", body, f"{kind}/originals", at=at)
    values = {"uid": uid or in_keys, "name": name, "original_s3_file_id": original, "duration_seconds": seconds}
    digest = hashlib.sha512(body).hexdigest()
    row = files.ledger.insert("content_files", at, original_sha512=digest, created_at=at - 2.25, **values)
    return Content(row, original, in_keys)


def audio(
    files: Files,
    at: float,
    seconds: int = 60,
    bitrates: tuple[int, ...] = BITRATES,
    name: str | None = None,
    other_uid: bool = False,
) -> Content:
    """A content file of kind audio. With `other_uid` its keys hold a uid that no row has, as happens in the service."""
    name = name or f"{files.names.random.choice(_HINTS)}-{files.names.token(16)}"
    content = _content_file(files, "audio", name, at, seconds, files.names.uid("cf") if other_uid else None)
    for bitrate in bitrates:
        key = f"s3_files/audio/{content.uid}/mp4/{bitrate}/{files.names.token(8)}.mp4"
        stored = files.store(key, mp4(key, 200 + bitrate // 8), "audio/mp4", at=at + 60)
        export(files, content.row, "mp4", {"bitrate_kbps": bitrate, "faststart": True}, [stored], at, seconds)
        segments = [_segment(files, content.uid, at) for _ in range(-(-seconds // 10))]
        export(files, content.row, "m3u8", {"audio_bitrate_kbps": bitrate}, segments, at, 10)
    return content


def _segment(files: Files, uid: str, at: float) -> int:
    key = f"s3_files/audio/{uid}/hls/{files.names.token(8)}.ts"
    return files.store(key, transport_stream(key, files.names.random.randint(1, 3)), "audio/hls", at=at + 75)


def video(
    files: Files, at: float, name: str | None = None, exports: int = 1, seconds: int = 60, other_uid: bool = False
) -> Content:
    """A content file of kind video with `exports` MP4 exports (bit rates as measured, bit/s)."""
    name = name or f"journey_video-{files.names.token(16)}"
    content = _content_file(files, "videos", name, at, seconds, files.names.uid("cf") if other_uid else None)
    for _ in range(exports):
        bitrate = files.names.random.randint(900_000, 11_000_000)
        key = f"s3_files/videos/{content.uid}/mp4/{bitrate}/{files.names.token(8)}.mp4"
        stored = files.store(key, mp4(key, 500), "videos/mp4", at=at + 90)
        export(files, content.row, "mp4", {"bitrate_bps": bitrate, "faststart": True}, [stored], at, seconds)
    return content


def export(
    files: Files, content: int, form: str, quality: dict[str, object], stored: list[int], at: float, seconds: int
) -> int:
    """A row of `content_file_exports` with one part for each stored file, in order."""
    row = files.ledger.insert(
        "content_file_exports",
        at,
        uid=files.names.uid("cfe"),
        content_file_id=content,
        format=form,
        format_parameters="{}",
        bandwidth=128_000,
        codecs="aac",
        target_duration=seconds,
        quality_parameters=json.dumps(quality, sort_keys=True),
        created_at=at,
    )
    for position, file in enumerate(stored):
        values = {"uid": files.names.uid("cfep"), "position": position, "duration_seconds": seconds / len(stored)}
        files.ledger.insert(
            "content_file_export_parts", at, content_file_export_id=row, s3_file_id=file, created_at=at, **values
        )
    return row
