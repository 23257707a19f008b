"""A dangling row whose object a versioned bucket still keeps: it is named with its version, and can be brought back."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from auditor.errors import VersionsUnreadable
from auditor.scan import remains
from auditor.store.base import Remains
from auditor.store.client import read_only_client
from auditor.store.s3 import S3Store
from tests.scan.fakes import OLD, MemoryRows, MemoryStore
from tests.scan.running import Ran, image, run
from tests.scanning import with_credentials
from tests.servers.quick import with_one_model
from tests.servers.versioned import Versioned, versioned

ROW = ("uid", 4, OLD)
BODY = b"1234"


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def bucket(server: ThreadedMotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Versioned]:
    with_credentials(monkeypatch)
    with_one_model(monkeypatch)
    with versioned(server) as made:
        yield made


def audit(bucket: Versioned, folder: Path, rows: dict[str, Any]) -> Ran:
    folder.mkdir(exist_ok=True)
    client = read_only_client(endpoint_url=bucket.url)
    with closing(S3Store(client, bucket.bucket)) as store:
        return run(folder, store, MemoryRows(rows))


def said(ran: Ran) -> dict[str, str]:
    assert ran.summary["complete"]
    assert ran.summary["row_classes"].get("dangling", 0) == len(ran.about("REF002"))
    return {found.key: found.message.partition("is gone. ")[2] for found in ran.found if found.rule == "REF002"}


def suggestion(ran: Ran) -> str:
    (found,) = [found for found in ran.found if found.rule == "REF002"]
    return found.suggestion


def carry_out(bucket: Versioned, suggested: str) -> None:
    """What a shell makes of the suggested command, by boto3."""
    assert suggested.isprintable()
    command = suggested[suggested.index("aws s3api ") :]
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True).stdout
    _, _, operation, *options = words.decode().rstrip("\0").split("\0")
    given = dict(option.removeprefix("--").split("=", maxsplit=1) for option in options)
    names = {"bucket": "Bucket", "key": "Key", "version-id": "VersionId", "delete": "Delete"}
    arguments = {names[name]: json.loads(value) if name == "delete" else value for name, value in given.items()}
    with closing(boto3.client("s3", endpoint_url=bucket.url)) as client:
        getattr(client, operation.replace("-", "_"))(**arguments)


def test_deleted_under_a_marker(bucket: Versioned, tmp_path: Path) -> None:
    first = bucket.put(image(1), b"old")
    newest = bucket.put(image(1), BODY)  # overwritten, then deleted: the newest is what is missed
    marker = bucket.delete(image(1))
    ran = audit(bucket, tmp_path, {image(1): ROW})
    assert said(ran) == {
        image(1): "Recoverable: it was deleted at 2026-01-03T12:00:00Z, and the bucket keeps version "
        f"{newest} of 2026-01-02T12:00:00Z (4 B)."
    }
    assert first not in suggestion(ran)
    assert suggestion(ran) == (
        "If the object is not missed, delete the row and what refers to it. To bring it back, remove its delete "
        f"marker: aws s3api delete-object --bucket={bucket.bucket} --key={image(1)} --version-id={marker}"
    )
    carry_out(bucket, suggestion(ran))
    assert audit(bucket, tmp_path / "again", {image(1): ROW}).summary["row_classes"] == {"matched": 1}


def test_deleted_twice(bucket: Versioned, tmp_path: Path) -> None:
    version = bucket.put(image(1), BODY)
    bucket.delete(image(1))
    bucket.delete(image(1))
    ran = audit(bucket, tmp_path, {image(1): ROW})
    assert said(ran)[image(1)].startswith("Recoverable: it was deleted at 2026-01-03T12:00:00Z")
    assert version in said(ran)[image(1)]
    carry_out(bucket, suggestion(ran))
    assert audit(bucket, tmp_path / "again", {image(1): ROW}).summary["row_classes"] == {"matched": 1}


def test_deleted_written_again_and_deleted(bucket: Versioned, tmp_path: Path) -> None:
    bucket.put(image(1), b"old")
    bucket.delete(image(1))
    newest = bucket.put(image(1), BODY)
    marker = bucket.delete(image(1))
    ran = audit(bucket, tmp_path, {image(1): ROW})
    assert newest in said(ran)[image(1)]
    assert suggestion(ran).endswith(f"--version-id={marker}")


def test_deleted_for_good(bucket: Versioned, tmp_path: Path) -> None:
    """Every version is gone, with the marker left or without; a key that only begins alike recovers nothing."""
    for number in (1, 2):
        bucket.put(image(number) + "x", BODY)
        bucket.delete(image(number) + "x")
        version = bucket.put(image(number), BODY)
        bucket.delete(image(number)) if number == 1 else None
        bucket.delete_version(image(number), version)
    ran = audit(bucket, tmp_path, {image(1): ROW, image(2): ROW})
    assert said(ran) == {
        image(1): "It was deleted at 2026-01-04T12:00:00Z, and no version of it is left.",
        image(2): "",
    }
    assert {found.suggestion for found in ran.found} == {
        "Restore the object from a copy; if it was deleted on purpose, delete the row and what refers to it."
    }


def test_versions_that_were_kept_before_versioning_was_suspended(bucket: Versioned, tmp_path: Path) -> None:
    version = bucket.put(image(1), BODY)
    bucket.delete(image(1))
    bucket.set("Suspended")
    assert version in said(audit(bucket, tmp_path, {image(1): ROW}))[image(1)]


def test_a_version_of_another_size_and_in_the_archive(bucket: Versioned, tmp_path: Path) -> None:
    bucket.put(image(1), b"12345", "GLACIER")
    bucket.delete(image(1))
    ran = audit(bucket, tmp_path, {image(1): ROW})
    assert said(ran)[image(1)].endswith("(5 B, GLACIER). Mind that it has 5 bytes where the row says 4.")
    assert "restore-object" in suggestion(ran)


@pytest.mark.parametrize("key", ["a b+c%2F é'\"", "-=1;$(reboot)", "日本 #?versionId=x", "\u202ebidi and 'quotes'"])
def test_the_command_survives_any_key(bucket: Versioned, tmp_path: Path, key: str) -> None:
    full = f"s3_files/audio/originals/oseh_cf_AAAAAAAAAAAAAAAAAAAAAA/{key}"
    for deletions in (1, 2):
        bucket.put(full, BODY)
        for _ in range(deletions):
            bucket.delete(full)
        carry_out(bucket, suggestion(audit(bucket, tmp_path / str(deletions), {full: ROW})))
        assert bucket.s3.get_object(bucket.bucket, full).value == BODY


def test_a_bucket_that_never_kept_versions_is_asked_once(bucket: Versioned, tmp_path: Path) -> None:
    bucket.set(None)
    ran = audit(bucket, tmp_path, {image(number): ROW for number in range(9)})
    assert set(said(ran).values()) == {""}
    assert ran.summary["requests"]["GetBucketVersioning"] == 1
    assert "ListObjectVersions" not in ran.summary["requests"]


def test_nothing_is_asked_without_a_dangling_row(bucket: Versioned, tmp_path: Path) -> None:
    bucket.put(image(1), BODY)
    requests = audit(bucket, tmp_path, {image(1): ROW, image(2): ("uid", 4, datetime.now(UTC))}).summary["requests"]
    assert "ListObjectVersions" not in requests


class Refusing(MemoryStore):
    """Versions are kept, and nobody may see them, or only so many."""

    allowed = 0

    def keeps_versions(self) -> bool:
        return True

    def remains(self, key: str) -> Remains | None:
        self._ask("ListObjectVersions", key)
        if self.requests["ListObjectVersions"] > self.allowed:
            raise VersionsUnreadable("access denied (ListObjectVersions)")
        return None


def test_a_refusal_is_said_and_leaves_the_run_complete(tmp_path: Path) -> None:
    store = Refusing({})
    ran = run(tmp_path, store, MemoryRows({image(number): ROW for number in range(99)}))
    assert set(said(ran).values()) == {""}
    assert (
        ran.summary["not_audited"].count(
            {"what": "whether lost objects can be recovered", "because": "access denied (ListObjectVersions)"}
        )
        == 1
    )
    assert store.requests["ListObjectVersions"] <= remains.AT_ONCE
    assert ran.summary["exit_code"] == 1


def test_no_more_than_so_many_are_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remains, "MOST", 20)
    store = Refusing({})
    store.allowed = 20
    ran = run(tmp_path, store, MemoryRows({image(number): ROW for number in range(99)}))
    assert store.requests["ListObjectVersions"] == 20
    assert {
        "what": "whether 79 more lost objects can be recovered",
        "because": "versions of no more than 20 are looked for in one run",
    } in ran.summary["not_audited"]
    assert ran.summary["complete"]
