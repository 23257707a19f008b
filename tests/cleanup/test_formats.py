"""Every key that S3 has survives into each form of a plan, and is read back by whom it is meant for."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus
from xml.etree import ElementTree

import jmespath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.cleanup import formats
from auditor.cleanup.model import Action, Ground, Item, hash_of, read_item
from auditor.cleanup.scripts import NAMES, Guard
from auditor.cleanup.writing import PlanWriter
from tests.cleanup.scene import NOW, OLD
from tests.reports.hostile import HOSTILE_KEYS

OPTIONS = (
    "-rf",
    "--key",
    "file:///etc/passwd",
    "fileb://x",
    " a",
    "a ",
    "\U0001f600",
    "/a",
    "a/../b",
    "https://evil.invalid/",
    "!x",
    "~",
    "*",
)
QUOTES = ("$(touch owned)", "`touch owned`", "a'b\"c", "'; touch owned; '", "\\", "\n", "'\n'", " ")
TRAPS = (*OPTIONS, *QUOTES, "%2F", "%", "\u007f\x85", "&x;", "]]>")
ALL_KEYS = (*HOSTILE_KEYS, *TRAPS)
keys = st.one_of(
    st.sampled_from(ALL_KEYS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
BUCKET = "my-bucket.example"
GROUND = Ground("REF001", "confirmed", "No row.", "ab" * 32, OLD, 3)
# An `aws` that does nothing but write down its arguments, each ended by NUL, and each call by one more.
FAKE = """#!/bin/sh
printf '%s\\0' "$@" >> "$RECORD"
printf '\\0' >> "$RECORD"
[ "$2" != list-object-versions ] || echo -mark
"""


def item(key: str, **changes: Any) -> Item:
    values: dict[str, Any] = {"family": "f", "size": 1, "last_modified": OLD, "etag": '"e\'tag"'}
    return Item(Action.DELETE, key, (GROUND,), **(values | changes))


def upload(key: str) -> Item:
    return Item(Action.ABORT, key, (GROUND,), upload_id="id-" + key[:3])


@given(keys)
def test_a_manifest_is_read_as_batch_operations_does(key: str) -> None:
    """CSV without a header, and each key URL-encoded, whichever of the two ways of decoding it is used."""
    line = formats.manifest_line(BUCKET, key)
    (row,) = csv.reader(io.StringIO(line))
    assert row[0] == BUCKET
    assert unquote(row[1]) == unquote_plus(row[1]) == key
    assert line.isascii()
    assert line.endswith("\n")
    assert line.count("\n") == 1


@given(st.lists(keys, min_size=1, max_size=5))
def test_a_batch_has_exact_keys_and_the_etags_they_had(some: list[str]) -> None:
    text = formats.batch(item(key) for key in some)
    assert text.isascii()
    assert json.loads(text) == {"Objects": [{"Key": key, "ETag": '"e\'tag"'} for key in some], "Quiet": True}


@given(keys)
def test_what_goes_into_xml_comes_out_of_it(key: str) -> None:
    """The keys of a batch are sent in XML, in which not every key can be written."""
    if formats.fits_xml(key):
        node = ElementTree.Element("Key")
        node.text = key
        assert ElementTree.fromstring(ElementTree.tostring(node)).text == key  # noqa: S314 -- our own


@given(keys, keys)
def test_a_line_of_evidence_comes_back(key: str, message: str) -> None:
    ground = Ground("REF001", "seen", message, "00" * 32, None, None)
    for made in (Item(Action.DELETE, key, (GROUND, ground), row_uid=message, size=5), upload(key), item(key)):
        line = made.to_line()
        assert line.isascii()
        assert line.count("\n") == 1
        assert read_item(line) == made


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.none())))
def test_a_hash_is_that_of_the_content(document: dict[str, Any]) -> None:
    backwards = dict(reversed(json.loads(json.dumps(document)).items()))
    assert hash_of(document) == hash_of(backwards) == hash_of({**document, "hash": "x"})
    assert hash_of(document) != hash_of({**document, "another": 1})


# -- the scripts, through a real shell


def written(folder: Path, *held: Item, guard: Guard | None = None, endpoint: str | None = None) -> PlanWriter:
    folder.mkdir(exist_ok=True)
    writer = PlanWriter(folder, BUCKET, "abcd", guard or Guard(NOW + timedelta(days=1)), endpoint)
    for one in held:
        writer.add(one)
    writer.finish()
    return writer


def calls(folder: Path, script: str, *arguments: str, code: int = 0, fake: str = FAKE) -> list[list[str]]:
    """What the script asks of `aws`, run by the system's shell from another folder."""
    bin_, record = folder / "bin", folder / "record"
    bin_.mkdir(exist_ok=True)
    (bin_ / "aws").write_text(fake)
    (bin_ / "aws").chmod(0o755)
    record.write_bytes(b"")
    env = {"PATH": f"{bin_}:{os.environ['PATH']}", "RECORD": str(record)}
    ran = subprocess.run(
        ["sh", str(folder / script), *arguments], env=env, cwd=folder.parent, capture_output=True, check=False
    )
    assert ran.returncode == code, ran.stderr
    said = record.read_bytes().decode()
    return [call.split("\0") for call in said.split("\0\0") if call]


def request(call: list[str]) -> dict[str, Any]:
    """The JSON that the command was given; nothing in the arguments may be read as a file or an option."""
    assert call[:2] == ["s3api", call[1]]
    assert call[2] == "--cli-input-json"
    assert call[3].startswith("{")
    found: dict[str, Any] = json.loads(call[3])
    return found


def check_scripts(folder: Path, some: list[str]) -> None:
    held = [item(key) for key in some]
    written(folder, *held, *map(upload, some))
    etag = '"e\'tag"'
    singles = [request(call) for call in calls(folder, "delete.sh") if call[1] == "delete-object"]
    assert singles == [{"Bucket": BUCKET, "Key": key, "IfMatch": etag} for key in some if not formats.fits_xml(key)]
    batches = [call for call in calls(folder, "delete.sh") if call[1] == "delete-objects"]
    plain = [key for key in some if formats.fits_xml(key)]
    assert [call[2:] for call in batches] == (
        [["--bucket", BUCKET, "--delete", "file://delete-00001.json"]] if plain else []
    )
    if plain:
        batch = json.loads((folder / "delete-00001.json").read_text())
        assert [one["Key"] for one in batch["Objects"]] == plain
    tags = {"TagSet": [{"Key": "auditor-plan", "Value": "abcd"}]}
    tagging = calls(folder, "tag.sh")
    assert [call[1] for call in tagging] == ["head-object", "put-object-tagging"] * len(some)
    assert [request(call) for call in tagging[::2]] == [{"Bucket": BUCKET, "Key": key, "IfMatch": etag} for key in some]
    assert [request(call) for call in tagging[1::2]] == [
        {"Bucket": BUCKET, "Key": key, "Tagging": tags} for key in some
    ]
    assert [request(call) for call in calls(folder, "untag.sh")] == [{"Bucket": BUCKET, "Key": key} for key in some]
    assert [request(call) for call in calls(folder, "abort.sh")] == [
        {"Bucket": BUCKET, "Key": key, "UploadId": "id-" + key[:3]} for key in some
    ]
    check_undo(folder, some)


def check_undo(folder: Path, some: list[str]) -> None:
    undone = calls(folder, "undo.sh")
    asked, removed = undone[::2], undone[1::2]
    assert [request(call) for call in removed] == [{"Bucket": BUCKET, "Key": key} for key in some]
    assert {call[-1] for call in removed} == {"--version-id=-mark"}
    assert [request(call)["Prefix"] for call in asked] == some
    for key, call in zip(some, asked, strict=True):
        page = {
            "DeleteMarkers": [
                {"Key": key + "x", "VersionId": "other", "IsLatest": True},
                {"Key": key, "VersionId": "old", "IsLatest": False},
                {"Key": key, "VersionId": "mine", "IsLatest": True},
            ]
        }
        assert jmespath.search(call[call.index("--query") + 1], page) == "mine"


def test_scripts_hand_every_key_over(tmp_path: Path) -> None:
    """NUL included: it is written as an escape."""
    check_scripts(tmp_path / "plan", list(dict.fromkeys(ALL_KEYS)))
    assert not [path for path in (*tmp_path.iterdir(), *(tmp_path / "plan").iterdir()) if path.name == "owned"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(keys, min_size=1, max_size=6, unique=True))
def test_scripts_hand_any_key_over(tmp_path_factory: pytest.TempPathFactory, some: list[str]) -> None:
    check_scripts(tmp_path_factory.mktemp("any") / "plan", some)


@pytest.mark.parametrize("name", NAMES)
def test_scripts_hold_nothing_that_a_terminal_obeys(tmp_path: Path, name: str) -> None:
    written(tmp_path / "plan", *map(item, ALL_KEYS), *map(upload, ALL_KEYS))
    text = (tmp_path / "plan" / name).read_bytes()
    assert text.isascii()
    assert set(text) & set(range(32)) == {10}


@pytest.mark.parametrize("name", ["delete.sh", "tag.sh", "abort.sh"])
def test_what_nobody_looked_at_again_is_not_carried_out(tmp_path: Path, name: str) -> None:
    written(tmp_path / "plan", item("a"), upload("a"), guard=Guard())
    assert calls(tmp_path / "plan", name, code=2) == []
    assert len(calls(tmp_path / "plan", name, "--unverified")) == (2 if name == "tag.sh" else 1)


@pytest.mark.parametrize("name", ["delete.sh", "tag.sh", "abort.sh"])
def test_what_was_looked_at_too_long_ago_is_not_carried_out(tmp_path: Path, name: str) -> None:
    written(tmp_path / "plan", item("a"), upload("a"), guard=Guard(NOW - timedelta(minutes=1)))
    assert calls(tmp_path / "plan", name, code=2) == []
    assert calls(tmp_path / "plan", name, "--unverified", code=2) == []


@pytest.mark.parametrize("name", ["untag.sh", "undo.sh"])
def test_the_way_back_is_never_barred(tmp_path: Path, name: str) -> None:
    written(tmp_path / "plan", item("a"), guard=Guard(NOW - timedelta(days=9)))
    assert calls(tmp_path / "plan", name)


def test_a_request_that_fails_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    written(folder, *(item(key) for key in ("a", "b", "c")))
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "aws").write_text('#!/bin/sh\necho x >> "$RECORD"\nexit 1\n')
    (bin_ / "aws").chmod(0o755)
    env = {"PATH": f"{bin_}:{os.environ['PATH']}", "RECORD": str(folder / "record")}
    ran = subprocess.run(["sh", str(folder / "tag.sh")], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "3 requests failed: run auditor verify with --after\n")
    assert (folder / "record").read_text() == "x\n" * 3


def test_what_has_another_etag_is_not_tagged(tmp_path: Path) -> None:
    """PutObjectTagging itself would tag whatever has the key now."""
    folder = tmp_path / "plan"
    written(folder, item("a"), item("b"))
    refusing = FAKE + '[ "$2" != head-object ] || ! printf %s "$4" | grep -q \'"Key":"a"\'\n'
    calls_ = calls(folder, "tag.sh", code=1, fake=refusing)
    assert [(call[1], request(call)["Key"]) for call in calls_] == [
        ("head-object", "a"),
        ("head-object", "b"),
        ("put-object-tagging", "b"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_scripts_ask_where_the_bucket_was_looked_at(tmp_path: Path, name: str) -> None:
    """Amazon has a bucket of every name."""
    folder = tmp_path / "plan"
    written(folder, item("a"), item("b\n"), upload("a"), endpoint="http://minio:9000/it's")
    made = calls(folder, name)
    assert made
    assert {tuple(call[-2:]) for call in made} == {("--endpoint-url", "http://minio:9000/it's")}


def test_objects_that_a_batch_leaves_are_a_failure(tmp_path: Path) -> None:
    """DeleteObjects answers 200 and names them."""
    folder = tmp_path / "plan"
    written(folder, item("a"))
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "aws").write_text('#!/bin/sh\necho \'{"Errors": [{"Key": "a"}]}\'\n')
    (bin_ / "aws").chmod(0o755)
    env = {"PATH": f"{bin_}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", str(folder / "delete.sh")], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert '"Key": "a"' in ran.stdout


def test_a_batch_ends_with_its_thousandth_object(tmp_path: Path) -> None:
    writer = written(tmp_path / "plan", *(item(f"{number:05}") for number in range(2001)))
    sizes = [
        len(json.loads((tmp_path / "plan" / name).read_text())["Objects"])
        for name in sorted(writer.files)
        if name.endswith(".json")
    ]
    assert sizes == [1000, 1000, 1]


def test_of_a_folder_nothing_is_written_that_speaks_to_s3(tmp_path: Path) -> None:
    """Somebody else's bucket may have the folder's name."""
    writer = PlanWriter(tmp_path, None, "abcd", Guard())
    writer.add(item("a", row_uid="=u"))
    assert set(writer.finish()) == {"objects.jsonl", "rows.csv"}
    assert (tmp_path / "rows.csv").read_text() == 'row_uid,key\n"\'=u","a"\n'


def test_the_lifecycle_rule_waits_for_a_day_of_its_own() -> None:
    """`Days` would count from the object's birth, so that what is tagged today would be gone tomorrow."""
    (rule,) = json.loads(formats.lifecycle("abcd", "2026-12-08T00:00:00Z"))["Rules"]
    assert rule == {
        "ID": "auditor-plan-abcd",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": "auditor-plan", "Value": "abcd"}},
        "Expiration": {"Date": "2026-12-08T00:00:00Z"},
    }


def test_requests_are_ones_that_s3_knows() -> None:
    """By the model of the service that boto3 brings along."""
    import boto3
    from botocore.validate import ParamValidator

    model = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    ).meta.service_model
    made = {
        "DeleteObject": formats.delete(BUCKET, item("a")),
        "AbortMultipartUpload": formats.abort(BUCKET, upload("a")),
        "HeadObject": formats.tag(BUCKET, item("a"), "m").partition(" && ")[0],
        "PutObjectTagging": formats.tag(BUCKET, item("a"), "m").partition(" && ")[2],
        "DeleteObjectTagging": formats.untag(BUCKET, "a"),
    }
    for operation, command in made.items():
        document = json.loads(command.partition("'")[2].rpartition("'")[0])
        shape = model.operation_model(operation).input_shape
        assert set(document) <= set(shape.members)
        assert not ParamValidator().validate(document, shape).has_errors()
    batch = {"Bucket": BUCKET, "Delete": json.loads(formats.batch([item("a")]))}
    shape = model.operation_model("DeleteObjects").input_shape
    assert not ParamValidator().validate(batch, shape).has_errors()
    assert set(batch["Delete"]["Objects"][0]) <= set(shape.members["Delete"].members["Objects"].member.members)
