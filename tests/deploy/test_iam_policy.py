"""The policy has the actions that an audit sends, and no other."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from auditor.store.client import ALLOWED, read_only_client
from auditor.store.s3 import S3Store
from tests.deploy.units import DEPLOY, ROOT
from tests.scan.fakes import OLD, MemoryRows
from tests.scan.running import image, run
from tests.scanning import with_credentials
from tests.servers.versioned import versioned

BODY = b"1234"

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
ACTIONS = {
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetObject": "s3:GetObject",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
}
OF_OBJECTS = {"s3:GetObject", "s3:ListMultipartUploadParts"}


@pytest.fixture
def policy() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "iam-policy.json").read_text(encoding="utf-8"))
    return found


def allowed(policy: dict[str, Any]) -> list[str]:
    return [action for statement in policy["Statement"] for action in statement["Action"]]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What one audit sends to a bucket with versions that holds what is right, what is too much, and too little."""
    with_credentials(monkeypatch)
    with moto_server() as server, versioned(server) as bucket:
        for number in (1, 2, 3):
            bucket.put(image(number), BODY)
        bucket.delete(image(3))
        bucket.s3.create_multipart_upload(bucket.bucket, image(4), {}, "STANDARD", [], None, None, None)
        for upload in bucket.s3.get_bucket(bucket.bucket).multiparts.values():
            upload.initiated = OLD.replace(tzinfo=None)
        rows = MemoryRows({image(number): ("uid", len(BODY), OLD) for number in (1, 3)})
        with closing(S3Store(read_only_client(endpoint_url=bucket.url), bucket.bucket)) as store:
            ran = run(tmp_path, store, rows, everything=True)
    assert ran.summary["complete"]
    assert {("REF001", image(2)), ("REF002", image(3)), ("UPL001", image(4))} <= {
        (found.rule, found.key) for found in ran.found
    }
    return set(ran.summary["requests"])


@contextmanager
def moto_server() -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_every_call_has_its_action_and_every_action_its_call(policy: dict[str, Any], recorded: set[str]) -> None:
    actions = allowed(policy)
    assert len(actions) == len(set(actions))
    assert set(actions) == {ACTIONS[operation] for operation in recorded}


def test_the_client_can_send_nothing_that_the_policy_lacks(policy: dict[str, Any]) -> None:
    assert set(allowed(policy)) == {ACTIONS[operation] for operation in ALLOWED}


def test_each_action_is_granted_on_what_it_is_about(policy: dict[str, Any]) -> None:
    """An action of objects that is granted on the bucket is granted on nothing, and the other way about."""
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Resource"].endswith("/*") == (set(statement["Action"]) <= OF_OBJECTS)
        assert not OF_OBJECTS & set(statement["Action"]) or set(statement["Action"]) <= OF_OBJECTS
        assert statement["Resource"].removesuffix("/*") == "arn:aws:s3:::my-bucket"


def test_the_readme_shows_the_same_policy(policy: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.split("## Permissions", 1)[1].split("```json\n", 1)[1].split("```", 1)[0]
    assert json.loads(shown) == policy
