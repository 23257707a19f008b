"""Which blocks a bucket has, and how many keys each: proportions by count of a real one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.world.bulk_blocks import Block, moments, timestamps

_AUDIO = ("/hls/",) * 48 + tuple(f"/mp4/{rate}/" for rate in sorted(map(str, (32, 64, 90, 128, 256, 512, 1028, 1411))))
_VIDEO = ("/mp4/10870331/", "/mp4/2500123/", "/mp4/977001/")
_AUDIO_ENDINGS = (".ts",) * 48 + (".mp4",) * 8


def blocks(objects: int) -> list[Block]:
    """The blocks of a bucket of exactly `objects` positions, in key order."""

    def share(part: float) -> int:
        return max(1, round(objects * part))

    few = 1 + objects // 50_000
    backup: dict[str, Any] = {"middles": ("",), "has_rows": False, "has_token": False, "stem": timestamps}
    database = {**backup, "endings": (".bak",), "sizes": (10**8, 10**9)}
    redis = {**backup, "endings": (".bak",), "sizes": (10**6, 10**7)}
    jobs = {**backup, "endings": (".txt",), "sizes": (200, 2_000), "stem": moments}
    key: dict[str, Any] = {"middles": ("",), "has_token": False, "sizes": (44, 45)}
    hls: dict[str, Any] = {"middles": _AUDIO, "endings": _AUDIO_ENDINGS, "sizes": (18_800, 400_000)}
    mp4: dict[str, Any] = {"middles": _VIDEO, "endings": (".mp4",), "sizes": (10**6, 10**8)}
    parts: dict[str, Any] = {"middles": ("/1/", "/2/", "/3/"), "sizes": (1_048_576, 1_048_577)}
    exports: dict[str, Any] = {
        "endings": (".jpeg", ".webp", ".png"),
        "sizes": (900, 300_000),
        "content_type": "image/webp",
    }
    course: dict[str, Any] = {"middles": ("/oseh_ce_AAAAAAAAAAA",), "endings": ("/Zm9vYmFyYmE.zip",)}
    made = [
        Block("audio/originals", "audio/originals/oseh_cf_", share(0.0015), ("/journey_audio_content-AAAAAAAAAAA",)),
        Block("audio", "audio/oseh_cf_", share(0.085), content_type="video/MP2T", **hls),
        Block("backup/database", "backup/database/", share(0.002), **database),
        Block("backup/database/timely", "backup/database/timely/0039_emotions-", few, **database),
        Block("backup/redis", "backup/redis/", share(0.002), **redis),
        Block("courses", "courses/oseh_c_", share(0.0001), **course),
        Block("images/exports", "images/exports/oseh_ife_", 0, **exports),
        Block("images/originals", "images/originals/oseh_if_", share(0.012)),
        Block("jobs/repopulate_emotions", "jobs/repopulate_emotions/dropped_", few, **jobs),
        Block("journals/keys/client", "journals/keys/client/oseh_ujck_", share(0.02), **key),
        Block("journals/keys/master", "journals/keys/master/oseh_ujmk_", share(0.01), **key),
        Block("journey_embeddings", "journey_embeddings/oseh_jemb_", few, ("",), has_token=False),
        Block("uploads", "uploads/oseh_s3fu_", share(0.0003), **parts),
        Block("videos/originals", "videos/originals/oseh_cf_", share(0.001), ("/journey_video-AAAAAAAAAAA",)),
        Block("videos/mp4", "videos/oseh_cf_", share(0.012), content_type="video/mp4", **mp4),
        Block(
            None, "voice_notes/transcripts/oseh_vn_", share(0.002), endings=(".vtt.fernet",), content_type="text/vtt"
        ),
    ]
    rest = objects - sum(block.count for block in made)
    if rest < 1:
        raise ValueError("too few objects for every family: at least 100")
    return [block if block.count else replace(block, count=rest) for block in made]
