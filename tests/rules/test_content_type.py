"""Which content types suit which keys, by the shipped bindings and by one's own."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from auditor.frames import to_pandas
from auditor.protocols import Context
from auditor.spec import Source, Specification, compile_specification
from auditor.text import printable
from rules.references.content_type import ContentTypeRules
from tests.scan.running import UID, shipped

OCTETS = "application/octet-stream"
KEYS = {
    "original": f"s3_files/images/originals/oseh_if_{UID}/aaaaaaaaaaA",
    "part": f"s3_files/uploads/oseh_s3fu_{UID}/1/aaaaaaaaaaA",
    "mp4": f"s3_files/audio/oseh_cf_{UID}/mp4/128/aaaaaaaaaaA.mp4",
    "hls": f"s3_files/audio/oseh_cf_{UID}/hls/aaaaaaaaaaA.ts",
    "sound": f"s3_files/audio/originals/oseh_cf_{UID}/name",
    "film": f"s3_files/videos/originals/oseh_cf_{UID}/name",
    "zip": f"s3_files/courses/oseh_c_{UID}/oseh_ce_{UID}/aaaaaaaaaaA.zip",
    "key": f"s3_files/journals/keys/master/oseh_ujmk_{UID}",
    "vectors": f"s3_files/journey_embeddings/oseh_jemb_{UID}",
    "backup": "s3_files/backup/redis/1690000000.bak",
    **{form: f"s3_files/images/exports/oseh_ife_{UID}/aaaaaaaaaaA.{form}" for form in ("png", "jpeg", "svg", "gif")},
    "source": f"s3_files/images/exports/oseh_if_{UID}/aaaaaaaaaaA.jpg",  # of a server's image
}


def frame(spec: Specification, rows: list[tuple[str, str | None]]) -> pd.DataFrame:
    keys = pa.array([key for key, _ in rows], pa.string())
    said = spec.classify(keys)
    every = {"class": "ok", "row_class": "matched"}
    return to_pandas(
        pa.table(
            {
                "key": keys,
                "family": said.family.cast(pa.string()),
                "fit": said.fit.cast(pa.string()),
                "row_content_type": pa.array([kind for _, kind in rows], pa.string()),
                **{name: pa.array([value] * len(rows)) for name, value in every.items()},
            }
        )
    )


def messages(spec: Specification, rows: list[tuple[str, str | None]]) -> dict[int, str]:
    found = ContentTypeRules().check_batch(frame(spec, rows), Context(spec, "bucket"))
    return {problem.position: problem.message for problem in found if problem.position is not None}


@pytest.mark.parametrize(
    ("key", "kind", "suits"),
    [
        *((name, OCTETS, True) for name in ("original", "part", "sound", "film", "key", "vectors")),
        *((name, OCTETS, False) for name in ("mp4", "hls", "zip", "png")),
        ("original", "image/heic", True),
        ("original", "text/html", False),
        ("part", "image/png", False),
        ("mp4", "audio/mp4", True),
        ("mp4", "video/mp4", False),
        ("hls", "video/MP2T", True),
        ("zip", "application/zip", True),
        ("png", "image/png", True),
        ("png", "IMAGE/Png ;charset=binary", True),
        ("png", "image/jpeg", False),
        ("png", "image/png2", False),
        ("png", "x;image/png", False),
        ("png", "", False),
        ("png", None, False),
        ("jpeg", "image/jpeg", True),
        ("jpeg", "image/jpg", False),
        ("svg", "image/svg+xml", True),
        ("svg", "image/svg xml", False),
        ("gif", "what/ever", True),  # KEY003 has spoken of it
        ("source", "images/.jpg", True),
        ("backup", "what/ever", True),  # nothing is bound
    ],
)
def test_the_shipped_bindings(key: str, kind: str | None, *, suits: bool) -> None:
    assert (messages(shipped(), [(KEYS[key], kind)]) == {}) is suits


def test_what_is_said_and_of_whom() -> None:
    rows = [(KEYS["png"], "image/png"), (KEYS["jpeg"], "image/png"), (KEYS["original"], "a\x1b/b"), (KEYS["hls"], None)]
    assert messages(shipped(), rows) == {
        1: "The row says 'image/png', and format jpeg goes with image/jpeg.",
        2: f"The row says {printable('a' + chr(27) + '/b')!r}, and images/originals goes with {OCTETS} or image/*.",
        3: "The row has no content type, and audio/hls goes with video/mp2t.",
    }
    assert "\x1b" not in messages(shipped(), rows)[2]


def bound(types: str, rows: str = "") -> Specification:
    text = f'{rows}\n[templates."a/{{x}}"]\nrows = "required"\ncontent_types = {types}\n'
    return compile_specification(Source("d", b"- `a/{x}`: an item"), Source("b", text.encode()), strict=True)


@pytest.mark.parametrize(
    ("types", "key", "kind", "suits"),
    [
        ('["text/vtt; encryption=fernet+*"]', "a/b", "Text/VTT;encryption=fernet+u", True),
        ('["text/vtt; encryption=fernet+*"]', "a/b", "text/vtt", False),
        ('["text/vtt"]', "a/b", "text/vtt; encryption=fernet+u", True),
        ('["*"]', "a/b", None, True),
        ('["a/[b]"]', "a/b", "a/b", False),
        ('{ x = { b = "t/b", c = ["t/c", "t/d"] } }', "a/c", "t/d", True),
        ('{ x = { b = "t/b", c = ["t/c", "t/d"] } }', "a/b", "t/d", False),
        ('{ x = { b = "t/b" } }', "a/other", "t/d", True),
    ],
)
def test_bindings_of_ones_own(types: str, key: str, kind: str | None, *, suits: bool) -> None:
    assert (messages(bound(types), [(key, kind)]) == {}) is suits


def test_a_table_without_types_says_nothing() -> None:
    spec = bound('["a/b"]', '[rows]\ncontent_type = ""')
    assert messages(spec, [("a/b", None)]) == {}
