"""Keys fit the templates as they are said to, and bytes are what the rows say, read by code that knows no builder."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from auditor.spec.model import Fit
from tests.world import World, build
from tests.world.crc64 import crc64

NOW = datetime(2026, 5, 17, 12, 0, 0, tzinfo=UTC)
TOKEN = r"[A-Za-z0-9_-]{11}"


def uid(prefix: str) -> str:
    return rf"oseh_{prefix}_[A-Za-z0-9_-]{{22}}"


# family -> shape of the document, shape with the kinds of the fields
TEMPLATES = {
    "images/originals": (r"images/originals/[^/]+/[^/]+", rf"images/originals/{uid('if')}/{TOKEN}"),
    "images/exports": (
        r"images/exports/[^/]+/[^/]+\.[^/]+",
        rf"images/exports/{uid('ife')}/{TOKEN}\.(png|jpeg|webp|svg)",
    ),
    "uploads": (r"uploads/[^/]+/[^/]+/[^/]+", rf"uploads/{uid('s3fu')}/[1-9][0-9]*/{TOKEN}"),
    "audio/originals": (r"audio/originals/[^/]+/.+", rf"audio/originals/{uid('cf')}/.+"),
    "audio/mp4": (r"audio/[^/]+/mp4/[^/]+/[^/]+\.mp4", rf"audio/{uid('cf')}/mp4/[0-9]+/{TOKEN}\.mp4"),
    "audio/hls": (r"audio/[^/]+/hls/[^/]+\.ts", rf"audio/{uid('cf')}/hls/{TOKEN}\.ts"),
    "videos/originals": (r"videos/originals/[^/]+/.+", rf"videos/originals/{uid('cf')}/.+"),
    "videos/mp4": (r"videos/[^/]+/mp4/[^/]+/[^/]+\.mp4", rf"videos/{uid('cf')}/mp4/[0-9]+/{TOKEN}\.mp4"),
    "courses": (r"courses/[^/]+/[^/]+/[^/]+\.zip", rf"courses/{uid('c')}/{uid('ce')}/{TOKEN}\.zip"),
    "backup/database": (r"backup/database/[^/]+\.bak", r"backup/database/[0-9]{10}[^/]*\.bak"),
    "backup/database/timely": (
        r"backup/database/timely/[^/]+-[^/]+\.bak",
        r"backup/database/timely/[^/]+-[0-9]{10}\.bak",
    ),
    "backup/redis": (r"backup/redis/[^/]+\.bak", r"backup/redis/[0-9]{10}\.bak"),
    "jobs/repopulate_emotions": (
        r"jobs/repopulate_emotions/dropped_[^/]+\.txt",
        r"jobs/repopulate_emotions/dropped_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\.txt",
    ),
    "journals/keys/master": (r"journals/keys/master/[^/]+", rf"journals/keys/master/{uid('ujmk')}"),
    "journals/keys/client": (r"journals/keys/client/[^/]+", rf"journals/keys/client/{uid('ujck')}"),
    "journey_embeddings": (r"journey_embeddings/[^/]+", rf"journey_embeddings/{uid('jemb')}"),
}
BEGINNINGS = tuple(
    "s3_files/" + beginning
    for beginning in (
        "images/originals/", "images/exports/", "uploads/", "audio/", "audio/originals/", "videos/originals/",
        "videos/", "courses/", "backup/database/", "backup/database/timely/", "backup/redis/",
        "jobs/repopulate_emotions/dropped_", "journals/keys/master/", "journals/keys/client/", "journey_embeddings/",
    )
)  # fmt: skip


@pytest.fixture(scope="module", params=(1, 2, 3))
def world(request: pytest.FixtureRequest) -> World:
    return build(request.param, 600, now=NOW)


def matches(pattern: str, key: str) -> bool:
    return re.fullmatch(f"s3_files/{pattern}", key, re.DOTALL) is not None


def test_every_key_fits_as_it_is_said_to(world: World) -> None:
    for key, place in world.ledger.places.items():
        shapes = {family for family, (shape, _) in TEMPLATES.items() if matches(shape, key)}
        typed = {family for family, (_, kinds) in TEMPLATES.items() if matches(kinds, key)}
        if place.fit is Fit.FITS:
            assert typed == {place.family}, key
        elif place.fit is Fit.INVALID_FIELD:
            assert place.family in shapes, key
            assert not typed, key
        else:
            assert place.family is None
            assert not shapes, key
            if place.fit is not Fit.IGNORED:
                assert key.startswith(BEGINNINGS) is (place.fit is Fit.MALFORMED), key


def test_literals_beat_fields_where_two_shapes_fit(world: World) -> None:
    twice = [
        key for key in world.planted["invalid-field"] if sum(matches(one, key) for one, _ in TEMPLATES.values()) > 1
    ]
    assert [world.ledger.places[key].family for key in twice] == ["audio/originals"]


def tables(world: World) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in world.ledger.rows:
        if row.died is None:
            found[row.table][row.values["id"]] = row.values
    return found


def test_embedding_files_have_their_fault_and_no_other(world: World) -> None:
    there = tables(world)
    keys = {number: row["key"] for number, row in there["s3_files"].items()}
    journeys = {number: row["uid"] for number, row in there["journeys"].items()}
    seen = 0
    for embedding in there["journey_embeddings"].values():
        items = [
            (item["offset"], journeys.get(item["journey_id"]))
            for item in there["journey_embedding_items"].values()
            if item["journey_embedding_id"] == embedding["id"]
        ]
        key = keys[embedding["s3_file_id"]]
        said = [fault.code for fault in world.ledger.faults.get(key, [])]
        if key not in world.planted["lagging-items"]:
            assert read_embedding(world.object(key).body, embedding, items, set(journeys.values())) == said, key
        seen += 1
    assert seen >= 17
    planted = {fault.code for faults in world.ledger.faults.values() for fault in faults}
    assert {code for code in planted if code.startswith("EMB")} == {f"EMB00{n}" for n in range(1, 10)}


def read_embedding(
    body: bytes, row: dict[str, Any], items: list[tuple[int, str | None]], journeys: set[str]
) -> list[str]:
    """Every fault, one code for each subject, in the order of the codes."""
    width = row["journey_uid_byte_length"]
    length = width + row["embedding_byte_length"]
    count, rest = divmod(len(body), length)
    fields = [body[number * length : number * length + width] for number in range(count)]
    found = ["EMB001"] * bool(rest) + ["EMB001"] * (count != len(items))
    uids = [field[-29:].decode() for field in fields]
    found += ["EMB002" for field in fields if field[:-29] != b"\0\0\0"]
    right = [re.fullmatch(uid("j"), name) is not None for name in uids]
    found += ["EMB003" for valid in right if not valid]
    vectors = [np.frombuffer(body, ">f8", (length - width) // 8, number * length + width) for number in range(count)]
    found += ["EMB004" for vector in vectors if not np.isfinite(vector).all()]
    found += ["EMB005"] * (hashlib.sha512(body).hexdigest() != row["sha512"])
    found += ["EMB006"] * (len(uids) - len(set(uids)))
    found += ["EMB007" for name, valid in zip(uids, right, strict=True) if valid and name not in journeys]
    at = {number * length: name for number, name in enumerate(uids)}
    found += ["EMB008" for offset, name in items if name is not None and at.get(offset) != name]
    norms = [np.linalg.norm(vector) for vector in vectors if np.isfinite(vector).all()]
    return found + ["EMB009" for norm in norms if not 0.9 < norm < 1.1]


def test_some_embedding_records_have_the_real_length(world: World) -> None:
    lengths = {row["embedding_byte_length"] for row in tables(world)["journey_embeddings"].values()}
    assert lengths == {64, 24_576}


def test_digests_and_sizes_of_the_rows_are_those_of_the_bytes(world: World) -> None:
    there = tables(world)
    stored = {number: row["key"] for number, row in there["s3_files"].items()}
    originals = [*there["image_files"].values(), *there["content_files"].values()]
    for row in (one for one in originals if one["original_s3_file_id"]):
        original = world.object(stored[row["original_s3_file_id"]])
        as_said = hashlib.sha512(original.body).hexdigest() == row["original_sha512"]
        assert as_said is not any(one.code == "ORG001" for one in world.ledger.faults.get(original.key, ())), (
            original.key
        )
    exports = [one for one in there["course_exports"].values() if stored[one["s3_file_id"]] not in world.ledger.faults]
    for row in exports:
        body = world.object(stored[row["s3_file_id"]]).body
        assert hashlib.sha512(body).hexdigest() == row["output_sha512"]
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    for row in there["s3_file_upload_parts"].values():
        if row["s3_file_id"]:
            part = world.object(stored[row["s3_file_id"]])
            as_said = part.size == row["end_byte"] - row["start_byte"]
            assert as_said is (part.key not in world.planted["wrong-part"])


def test_bytes_begin_as_their_format_does(world: World) -> None:
    beginnings = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF", "svg": b"<svg"}
    for found in world.objects:
        place = world.ledger.places[found.key]
        if place.fit is not Fit.FITS or found.key in world.ledger.faults:
            continue
        if place.family == "images/exports":
            suffix = found.key.rpartition(".")[2]
            assert found.body.startswith(beginnings[suffix]), found.key
        if place.family == "audio/hls":
            assert found.size % 188 == 0
            assert set(found.body[::188]) == {0x47}
        if place.family in ("audio/mp4", "videos/mp4"):
            assert found.body[4:8] == b"ftyp"
            assert found.body.index(b"moov") < found.body.index(b"mdat")
        if place.family is not None and place.family.startswith("journals/"):
            assert (found.size == 44) is (found.key not in world.planted["journal-key-length"])


def test_redis_backups_are_chunks_to_the_end(world: World) -> None:
    assert crc64(b"123456789") == 0xE9C6D914C4B8D9CA
    assert crc64(bytes.fromhex("00c00a0a00")) == struct.unpack("<Q", bytes.fromhex("6e9f57450eae63bb"))[0]
    backups = [one for one in world.objects if re.fullmatch(r"s3_files/backup/redis/\d+\.bak", one.key)]
    assert {one.size == 0 for one in backups} == {True, False}
    for found in (one for one in backups if one.key not in world.ledger.faults):
        rest = io.BytesIO(found.body)
        while head := rest.read(4):
            rest.read(struct.unpack(">I", head)[0])
            dump = rest.read(struct.unpack(">I", rest.read(4))[0])
            assert crc64(dump[:-8]) == struct.unpack("<Q", dump[-8:])[0]
