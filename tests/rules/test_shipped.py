"""The shipped document and bindings: every template has a key that is its own and nobody else's."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

import pyarrow as pa
import pytest

from auditor.spec import Fit, RowPolicy, Source, compile_specification
from rules.shipped import file_service

BODY = "-" + "aZ09_" * 4 + "g"
TOKEN = "_mKc0l1ZpA-"
SPEC = compile_specification(*file_service(), strict=True)

EXAMPLES = {
    "images/originals": [f"images/originals/oseh_if_{BODY}/{TOKEN}"],
    "images/exports": [f"images/exports/oseh_ife_{BODY}/{TOKEN}.{end}" for end in ("png", "jpeg", "webp", "svg")],
    "uploads": [f"uploads/oseh_s3fu_{BODY}/12/{TOKEN}"],
    "audio/mp4": [f"audio/oseh_cf_{BODY}/mp4/1411/{TOKEN}.mp4"],
    "audio/hls": [f"audio/oseh_cf_{BODY}/hls/{TOKEN}.ts"],
    "audio/originals": [
        f"audio/originals/oseh_cf_{BODY}/journey_audio_content-{BODY}",
        f"audio/originals/oseh_cf_{BODY}/oseh_vn_{BODY}/b'oseh_u_{BODY}'-{BODY}",
        f"audio/originals/oseh_cf_{BODY}/mp4/1411/{TOKEN}.mp4",
    ],
    "videos/originals": [f"videos/originals/oseh_cf_{BODY}/Grüße, \U0001f642/\n-{BODY}"],
    "videos/mp4": [f"videos/oseh_cf_{BODY}/mp4/10870331/{TOKEN}.mp4"],
    "courses": [f"courses/oseh_c_{BODY}/oseh_ce_{BODY}/{TOKEN}.zip"],
    "backup/database": [f"backup/database/1690000000{hint}.bak" for hint in ("", "manual", "-repopulate_emotions")],
    "backup/database/timely": [
        "backup/database/timely/0039_emotions-1690000000.bak",
        "backup/database/timely/0238_speedup_transitions-pre-1690000000.bak",
    ],
    "backup/redis": ["backup/redis/1690000000.bak"],
    "jobs/repopulate_emotions": [
        f"jobs/repopulate_emotions/dropped_2024-07-18T09:30:00{fraction}.txt" for fraction in ("", ".123456")
    ],
    "journals/keys/master": [f"journals/keys/master/oseh_ujmk_{BODY}"],
    "journals/keys/client": [f"journals/keys/client/oseh_ujck_{BODY}"],
    "journey_embeddings": [f"journey_embeddings/oseh_jemb_{BODY}"],
}


def test_every_template_has_examples() -> None:
    assert [family.name for family in SPEC.families] == list(EXAMPLES)
    assert len(SPEC.families) == 16


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_of_their_family_and_of_no_other(name: str) -> None:
    keys = ["s3_files/" + key for key in EXAMPLES[name]]
    classes = SPEC.classify(pa.array(keys))
    assert classes.family.to_pylist() == [name] * len(keys)
    assert classes.fit.to_pylist() == [Fit.FITS] * len(keys)
    for key in keys:
        assert SPEC.explain(key).family == name
        others = (family for family in SPEC.families if family.name != name)
        assert [family.name for family in others if re.fullmatch(family.pattern, key)] == []


@pytest.mark.parametrize(
    "key",
    [
        f"images/exports/oseh_if_{BODY}/{TOKEN}.jpg",
        f"videos/oseh_cf_{BODY}/hls/{TOKEN}.ts",
        f"videos/journey_videos/{BODY}.mp4",
        f"voice_notes/stitched/oseh_vn_{BODY}/Ab_-09",
        "backup/database/timely/0056_user_history-errors-1690000000.txt",
        f"class_info/1690000000-{BODY}.csv",
    ],
)
def test_what_the_service_writes_without_saying_so_fits_no_template(key: str) -> None:
    assert SPEC.explain("s3_files/" + key).fit is not Fit.FITS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: re.sub("^- ", "* ", text, flags=re.MULTILINE),
        lambda text: re.sub("^- ", "1. ", text, flags=re.MULTILINE).replace("\n  ", "\n   "),
        lambda text: re.sub("^(- |  )", r"  \1", text, flags=re.MULTILINE),
        lambda text: re.sub("^", "> ", text, flags=re.MULTILINE),
        lambda text: re.sub(r"`: (\S+)", r"`:\n  \1", text),
        lambda text: text.replace("{target bitrate}", "{target\n   bitrate}"),
    ],
    ids=["crlf", "bom", "star", "ordered", "indented", "quoted", "wrapped", "wrapped in the span"],
)
def test_every_form_of_the_document_gives_the_same_families(change: object) -> None:
    shipped = file_service()
    text = change(shipped.document.data.decode())  # type: ignore[operator]
    spec = compile_specification(Source("changed", text.encode()), shipped.bindings, strict=True)
    assert [(family.name, family.template.text, family.kinds) for family in spec.families] == [
        (family.name, family.template.text, family.kinds) for family in SPEC.families
    ]
    assert [family.tables for family in spec.families] == [family.tables for family in SPEC.families]


def test_backups_and_job_files_need_no_row_and_all_else_does() -> None:
    without = {family.name for family in SPEC.families if family.rows is RowPolicy.NONE}
    assert without == {"backup/database", "backup/database/timely", "backup/redis", "jobs/repopulate_emotions"}
    assert {family.rows for family in SPEC.families if family.name not in without} == {RowPolicy.REQUIRED}
    assert all(bool(family.tables) == (family.rows is RowPolicy.REQUIRED) for family in SPEC.families)


def test_every_uid_has_an_owner_but_those_of_audio_and_video() -> None:
    for family in SPEC.families:
        uids = {name for name, kind in family.kinds.items() if kind.rung == "uid"}
        assert set(family.owners) == (set() if family.name.startswith(("audio/", "videos/")) else uids)


def test_every_family_with_rows_has_content_types_and_uploads_end() -> None:
    for family in SPEC.families:
        assert (family.content_types is not None) is (family.rows is RowPolicy.REQUIRED), family.name
        assert bool(family.expires and family.part) is (family.name == "uploads")


def test_only_journal_keys_are_secret() -> None:
    secret = [family for family in SPEC.families if family.secret]
    assert {family.name for family in secret} == {"journals/keys/master", "journals/keys/client"}
    assert {family.content for family in secret} == {"journal-key"}


def test_plain_backups_come_before_timely_ones() -> None:
    assert [family.name for family in SPEC.database_backups] == ["backup/database", "backup/database/timely"]
    assert {family.content for family in SPEC.database_backups} == {"database-backup"}


def test_the_table_of_rows_is_named() -> None:
    assert SPEC.rows == {
        "name": "s3_files",
        "key": "key",
        "uid": "uid",
        "size": "file_size",
        "content_type": "content_type",
        "created_at": "created_at",
    }
    assert SPEC.root == "s3_files/"


def test_the_entry_point_leads_here() -> None:
    (entry,) = entry_points(group="auditor.specs", name="file_service")
    assert entry.load()() == file_service()
