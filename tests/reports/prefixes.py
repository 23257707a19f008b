"""A run with more unexplained keys than a terminal shows, and one of every sort among them."""

from __future__ import annotations

from typing import Any

from tests.reports.sample import SampleRun, finding, sample_run

_VIDEOS = "s3_files/videos/{content_file_uid}/mp4/{bit_rate}/{random}.mp4"
_EXPORTS = "s3_files/images/exports/{image_file_export_uid}/{random}.{format}"


def entry(rule: str, prefix: str | None, objects: int, size: int, **changes: Any) -> dict[str, Any]:
    values = {
        "rule": rule,
        "prefix": prefix,
        "field": None,
        "objects": objects,
        "bytes": size,
        "first_modified": "2024-07-20T10:00:00Z",
        "last_modified": "2026-03-12T23:59:59.5Z",
        "examples": [f"{prefix}{name}" for name in ("a", "k", "z")[:objects]],
        "nearest": None,
        "with_rows": 0,
        "sentence": f"{objects} keys.",
    }
    return values | changes


def entries() -> list[dict[str, Any]]:
    uid = "oseh_cf_" + "q" * 22
    segments = [f"s3_files/videos/{uid}/hls/{name}.ts" for name in ("-8bqK1ZpAx8", "mKc0l1ZpAx8", "zzKc0l1ZpAx")]
    gifs = [f"s3_files/images/exports/oseh_ife_{letter * 22}/mKc0l1ZpAx8.gif" for letter in "aq"]
    return [
        entry("KEY001", "builds/", 412, 96_400_000_113),
        entry(
            "KEY002", "s3_files/videos/{content_file_uid}/hls/", 10_000, 9_400_000_000,
            examples=segments, nearest=_VIDEOS, with_rows=10_000,
        ),
        entry("KEY001", "s3_files/voice_notes/", 12_034, 3_100_000_000, with_rows=12_031, nearest=_VIDEOS),
        entry(
            "KEY003", _EXPORTS, 2, 48_000,
            examples=gifs, nearest=_EXPORTS, field="format", first_modified="2026-03-12T00:00:00Z",
        ),
        entry("KEY004", "logs/{day}-{part} or logs/{day}_{hour}", 3, 3_000, examples=["logs/1-2_3", "logs/9-9_9"]),
        entry("KEY001", "", 7, 700, examples=["\x1b[2J\n.txt", "gpj.\u202egnp.exe", "zz"]),
        *(entry("KEY001", f"lost+found/{number}/", 1, 10, with_rows=None) for number in range(6)),
        entry("KEY001", None, 90_000, 900_000, examples=["lost+found/6/a"]),
    ]  # fmt: skip


def prefixes_run() -> SampleRun:
    """A rule with entries that are shown, one whose entry is not, and one that was not selected."""
    held = [finding("KEY001", "builds/a"), finding("KEY003", "s3_files/images/exports/x/y.gif")]
    others = [finding("KEY005", "folder/", size=0)]
    return sample_run([*held, *others], unexplained=entries())
