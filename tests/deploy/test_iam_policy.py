"""The policy has the actions that an audit sends, and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from auditor.store.client import ALLOWED
from tests.deploy.units import DEPLOY, ROOT
from tests.scanning import scan, with_credentials, world
from tests.world.serve import serve

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
    """What one audit sends to a bucket with versions, with an upload that nobody finished, and with rows to judge."""
    with_credentials(monkeypatch)
    made = world(1, 400)
    made.write_database(tmp_path / "rows.db")
    with serve(made) as served:
        bucket = served.backend.get_bucket(served.bucket)
        bucket.versioning_status = "Enabled"
        client = boto3.client("s3", endpoint_url=served.endpoint_url, region_name="us-east-1")
        client.create_multipart_upload(Bucket=served.bucket, Key="left/over")
        for upload in bucket.multiparts.values():
            upload.initiated = (datetime.now(UTC) - timedelta(days=40)).replace(tzinfo=None)
        address = [f"s3://{served.bucket}", "--endpoint-url", served.endpoint_url]
        scanned = scan(address, tmp_path / "run", "--db", f"sqlite:///{tmp_path / 'rows.db'}")
    assert scanned.summary["complete"], scanned.stderr
    return set(scanned.summary["requests"])


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
