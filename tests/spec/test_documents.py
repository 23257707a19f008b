"""Documents of other teams: each compiles to exactly its templates, or says where and why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.spec import RowPolicy, Source, Specification, compile_specification, overlaps
from rules.shipped import file_service
from tests.spec.building import faults

FOLDER = Path(__file__).parent / "documents"
NEAREST = "this document has no key template; the nearest to one,"
LOGS = "AWSLogs/{account}"
DAY = "{region}/{year}/{month}/{day}/{file account}"
IMAGES = "docker/registry/v2"
NAMED = f"{IMAGES}/repositories/{{name}}"

COMPILES = {  # name and template of each family
    "cloudtrail.md": [
        ("CloudTrail", f"{LOGS}/CloudTrail/{DAY}_CloudTrail_{{file region}}_{{time}}_{{unique}}.json.gz"),
        (
            "CloudTrail-Digest",
            f"{LOGS}/CloudTrail-Digest/{DAY}_CloudTrail-Digest_{{file region}}_{{trail}}_{{home}}_{{time}}.json.gz",
        ),
        (
            "elasticloadbalancing",
            f"{LOGS}/elasticloadbalancing/{DAY}_elasticloadbalancing_{{file region}}_app.{{balancer}}_{{end}}_{{ip}}"
            "_{unique}.log.gz",
        ),
        ("AWSLogs", f"{LOGS}/ELBAccessLogTestFile"),
    ],
    "lake.md": [
        ("sales/orders", "sales/orders/year={year}/month={month}/day={day}/part-{part}.snappy.parquet"),
        ("sales/orders-2", "sales/orders/_SUCCESS"),
        ("events", "events/{event name}/dt={date}/hour={hour}/{uuid}.parquet"),
        ("events/_delta_log", "events/{event name}/dt={date}/_delta_log/{version}.json"),
        ("tmp", "tmp/{job}/{attempt}/{file}"),
    ],
    "registry_list.md": [
        ("v2", f"{IMAGES}/"),
        ("repositories/_layers/sha256", f"{NAMED}/_layers/sha256/{{digest}}/link"),
        ("repositories/_manifests", f"{NAMED}/_manifests/"),
        (
            "repositories/_manifests/revisions/sha256",
            f"{NAMED}/_manifests/revisions/sha256/{{digest}}/link",
        ),
        (
            "repositories/_manifests/tags/current",
            f"{NAMED}/_manifests/tags/{{tag}}/current/link",
        ),
        ("blobs/sha256", f"{IMAGES}/blobs/sha256/{{first two}}/{{digest}}/data"),
    ],
    "terraform.md": [
        ("env:", "env:/{workspace}/{component}/terraform.tfstate"),
        ("{component}/terraform.tfstate", "{component}/terraform.tfstate"),
    ],
    "restic.md": [
        ("config", "config"),
        ("keys", "keys/{id}"),
        ("data", "data/{first two}/{id}"),
        ("index", "index/{id}"),
        ("snapshots", "snapshots/{id}"),
        ("locks", "locks/{id}"),
    ],
    "bids.md": [
        ("dataset_description.json", "dataset_description.json"),
        ("sub-<label>/anat", "sub-<label>/anat/sub-<label>_T1w.nii.gz"),
        (
            "sub-<label>/ses-<label>/func",
            "sub-<label>/ses-<label>/func/sub-<label>_ses-<label>_task-<label>_bold.nii.gz",
        ),
    ],
    "mastodon.md": [
        ("accounts/avatars/:partition/original", "accounts/avatars/:partition/original/:file"),
        ("cache/accounts/avatars/:partition", "cache/accounts/avatars/:partition/{style}/:file"),
        ("media_attachments/files/$PARTITION", "media_attachments/files/$PARTITION/{style}/%s"),
    ],
}
# What is no placeholder of ours, wherever it stands.
LITERAL = {"bids.md": ["<label>"], "mastodon.md": [":partition", ":file", "$PARTITION", "%s"]}
FAILS = {  # line, the rest of it from the column on as far as it is needed to find it, message
    "cloudtrail_twice.md": [
        (3, "{account}_", "the template has two fields `account`"),
        (3, "{region}_", "the template has two fields `region`"),
    ],
    "registry.md": [(6, "<root>", f"{NEAREST} `<root>/v2`, stands in a code block")],
    "redis.md": [(3, " (set)", f"{NEAREST} `user:{{id}}:sessions`, is followed by the text `(set): tokens th…`")],
    "gitlab.md": [(5, "uploads", f"{NEAREST} `uploads/-/system/appearance/logo/:id/:filename`, stands in a table")],
    "velero.md": [(3, "backups", f"{NEAREST} `backups/{{backup}}/velero-backup.json`, stands in a heading")],
    "exports.md": [(3, "exports", f"{NEAREST} `exports/{{tenant}}/{{date}}.csv`, stands in a paragraph")],
    "backups.md": [
        (3, "pg", f"{NEAREST} `pg/{{host}}/base/{{label}}.tar.zst`, stands in a list item, but in no code span")
    ],
    "empty.md": [(1, "#", "this document has no key template")],
}


def lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").split("\n")


def read(name: str) -> Specification:
    return compile_specification(Source(name, (FOLDER / name).read_bytes()))


def test_every_document_is_expected_to_do_something() -> None:
    assert {path.name for path in FOLDER.iterdir()} == COMPILES.keys() | FAILS.keys()


@pytest.mark.parametrize("name", COMPILES)
def test_it_compiles_to_its_templates(name: str) -> None:
    assert [(family.name, family.template.text) for family in read(name).families] == COMPILES[name]


@pytest.mark.parametrize("name", COMPILES)
def test_templates_and_fields_know_their_places(name: str) -> None:
    for family in read(name).families:
        for text, place in (
            (family.template.text, family.template),
            *((f"{{{f.name}}}", f) for f in family.template.fields),
        ):
            assert lines(name)[place.line - 1][place.column - 1 :].startswith(text)


@pytest.mark.parametrize("name", sorted(COMPILES.keys() - {"terraform.md"}))
def test_placeholders_of_other_syntaxes_are_remarked_on(name: str) -> None:
    expected = [
        (number, match.start() + 1, f"`{text}` is read as literal text")
        for number, line in enumerate(lines(name), 1)
        for text in LITERAL.get(name, [])
        for match in re.finditer(re.escape(text), line)
    ]
    assert [(remark.line, remark.column, remark.message) for remark in read(name).remarks] == sorted(expected)
    assert bool(expected) == (name in LITERAL)


def test_an_item_with_a_dash_is_passed_over_with_a_remark() -> None:
    (remark,) = read("terraform.md").remarks
    assert lines("terraform.md")[remark.line - 1][remark.column - 1 :].startswith(" - the lock file")
    assert remark.message.startswith("`{component}/terraform.tfstate.tflock` is followed by a dash")


@pytest.mark.parametrize("name", FAILS)
def test_it_says_why_not(name: str) -> None:
    expected = [(line, lines(name)[line - 1].index(rest) + 1, message) for line, rest, message in FAILS[name]]
    assert faults((FOLDER / name).read_bytes()) == expected


VOICE_NOTES = b"""
## Voice notes

- `s3_files/voice_notes/stitched/{voice_note_uid}/{random}`: The recording of a
  [voice note](../db/voice_notes.md), put together from its parts, until it has been worked on.
- `s3_files/voice_notes/transcripts/{voice_note_uid}/{random}.vtt.fernet`: What was said, encrypted.
- `s3_files/voice_notes/time_vs_intensity/{voice_note_uid}/{random}.jsonlines.fernet`: How loud it was, encrypted.
"""


def test_the_file_service_at_its_newest_state() -> None:
    shipped = file_service()
    newest = compile_specification(Source("keys.md", shipped.document.data + VOICE_NOTES), shipped.bindings)
    known = compile_specification(*shipped)
    assert newest.families[:16] == known.families
    added = {family.name: (dict(family.kinds_from), family.rows, family.tables) for family in newest.families[16:]}
    assert added == {
        "voice_notes/stitched": ({}, RowPolicy.UNMANAGED, ("voice_notes",)),
        "voice_notes/transcripts": ({}, RowPolicy.UNMANAGED, ()),
        "voice_notes/time_vs_intensity": ({}, RowPolicy.UNMANAGED, ()),
    }
    assert list(overlaps(newest.families)) == []
    assert newest.remarks == ()
