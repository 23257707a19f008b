"""Unfinished multipart uploads: found by a run, looked at again by id, by beginning and by what was added since."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from auditor.cleanup.beside import Uploads, uploads_of
from auditor.cleanup.candidates import upload_of
from auditor.cleanup.model import Action, Ground, Item
from auditor.cleanup.verdict import Verdict
from auditor.errors import CallRefused
from auditor.findings import Finding, Severity, Status, fingerprint
from auditor.store.base import StoredParts, UnfinishedUpload
from tests.cleanup.scene import NOW, OLD, items
from tests.scan.fakes import MemoryStore
from tests.scanning import auditor, scan, with_credentials
from tests.servers.real import moto_server

KEY = "f/big 'one'"
CUTOFF = NOW - timedelta(days=1)


def finding(message: str, upload_id: str = "id-1") -> Finding:
    mark = fingerprint("UPL001", "b", KEY, upload_id)
    return Finding("UPL001", "x", Severity.INFO, Status.SEEN, "b", KEY, None, None, None, None, message, "", mark)


def test_the_id_is_read_from_the_message_and_proved_by_the_fingerprint() -> None:
    begun = "was begun at 2026-04-01T12:00:00Z and is neither completed nor aborted."
    assert upload_of(finding(f"The upload id-1 {begun}")) == ("id-1", "2026-04-01T12:00:00Z")
    assert upload_of(finding(f"The upload id-2 {begun}")) is None
    assert upload_of(finding("1,000 more uploads were begun long ago.")) is None


def item(upload_id: str = "id-1", begun: datetime = OLD) -> Item:
    ground = Ground("UPL001", "seen", "m", "0" * 64, None, None)
    return Item(Action.ABORT, KEY, (ground,), last_modified=begun, upload_id=upload_id)


class Store(MemoryStore):
    parts: StoredParts | None = StoredParts(1, 5, more=False, newest=OLD)

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        return self.parts


def judged(parts: StoredParts | None = Store.parts, *there: UnfinishedUpload) -> Verdict:
    store = Store({}, unfinished=there or [UnfinishedUpload(KEY, "id-1", OLD)])
    store.parts = parts
    return uploads_of(store, "", [item()]).judge(item(), CUTOFF).verdict


def test_an_upload_that_stands_still_may_be_aborted() -> None:
    assert judged() is Verdict.READY
    assert judged(StoredParts(0, 0, more=False)) is Verdict.READY


def test_an_upload_that_somebody_still_adds_to_may_not() -> None:
    assert judged(StoredParts(2, 9, more=False, newest=NOW)) is Verdict.REFERENCED


@pytest.mark.parametrize("parts", [None, StoredParts(1000, 1, more=True, newest=OLD), StoredParts(1, 1, more=False)])
def test_an_upload_whose_parts_nobody_knows_may_not(parts: StoredParts | None) -> None:
    assert judged(parts) is Verdict.UNSURE


def test_another_upload_of_the_key_is_another() -> None:
    assert judged(Store.parts, UnfinishedUpload(KEY, "id-2", OLD)) is Verdict.GONE
    assert judged(Store.parts, UnfinishedUpload(KEY, "id-1", OLD - timedelta(days=1))) is Verdict.CHANGED


def test_uploads_that_cannot_be_listed_are_unsure() -> None:
    class Refusing(MemoryStore):
        def uploads(self, prefix: str = "") -> Any:
            raise CallRefused("the store does not list unfinished uploads")

    found = uploads_of(Refusing({}), "", [item()])
    assert found.judge(item(), CUTOFF).verdict is Verdict.UNSURE
    assert found.remains(item()).verdict is Verdict.UNSURE


def test_without_uploads_nobody_is_asked() -> None:
    store = MemoryStore({})
    assert uploads_of(store, "", []) == Uploads(store, {})
    assert store.requests == {}


def test_from_the_run_to_the_abortion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)
    with moto_server() as url:
        client = boto3.client("s3", endpoint_url=url)
        client.create_bucket(Bucket="uploads-to-abort")
        first, second = (_begun(client, key) for key in ("f/1", "f/'2'\n"))
        bucket = ["s3://uploads-to-abort", "--endpoint-url", url]
        run, plan, fresh = (tmp_path / name for name in ("run", "plan", "fresh"))
        scan(bucket, run, "--db", "none", "--min-age", "0s", "--format", "terminal")
        made = auditor("plan", str(run), "--select", "UPL001", "--min-nights", "1", "--out", str(plan))
        assert made.exit_code == 0, made.output
        assert "0 objects with 0 B and 2 unfinished uploads" in made.stdout
        assert {one.upload_id for one in items(plan)} == {first, second}
        assert not {path.name for path in plan.iterdir()} & {"delete.sh", "manifest.csv", "lifecycle.json", "tag.sh"}

        client.abort_multipart_upload(Bucket="uploads-to-abort", Key="f/1", UploadId=first)  # somebody else does
        looked = auditor("verify", str(plan), *bucket[1:], "--out", str(fresh))
        assert looked.exit_code == 1, looked.output
        assert [one.upload_id for one in items(fresh)] == [second]
        assert first not in (fresh / "abort.sh").read_text()
        after = ["verify", str(fresh), *bucket[1:], "--after"]
        assert auditor(*after).exit_code == 1
        (line,) = [line for line in (fresh / "abort.sh").read_text().splitlines() if line.startswith("aws ")]
        client.abort_multipart_upload(**json.loads(line.partition("'")[2].rpartition("'")[0]))
        assert auditor(*after).exit_code == 0


def _begun(client: Any, key: str) -> str:
    """With a part; moto says that every upload was begun long ago."""
    upload_id: str = client.create_multipart_upload(Bucket="uploads-to-abort", Key=key)["UploadId"]
    client.upload_part(Bucket="uploads-to-abort", Key=key, UploadId=upload_id, PartNumber=1, Body=b"part")
    time.sleep(1.1)  # times of parts are in whole seconds, and must lie before the look
    return upload_id
