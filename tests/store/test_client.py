"""The client can look and cannot touch."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from auditor.store.client import ALLOWED, ReadOnlyError, guard, read_only_client
from tests.servers.stub_s3 import StubS3

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

MODEL = botocore.session.Session().get_service_model("s3")
# What each operation cannot be called without, filled with something that serialises.
FILLERS = {"string": "x", "integer": 1, "long": 1, "boolean": True, "blob": b"x", "timestamp": 0, "list": [], "map": {}}


def filled(shape: object) -> object:
    if shape.type_name != "structure":  # type: ignore[attr-defined]
        return FILLERS[shape.type_name]  # type: ignore[attr-defined]
    return {name: filled(shape.members[name]) for name in shape.required_members}  # type: ignore[attr-defined]


def arguments(operation: str) -> dict[str, object]:
    shape = MODEL.operation_model(operation).input_shape
    return {**filled(shape), **({"Bucket": "bucket"} if "Bucket" in shape.members else {})} if shape else {}  # type: ignore[dict-item]


@pytest.fixture
def client(stub: StubS3, shared_client: S3Client) -> S3Client:
    return shared_client


@pytest.fixture(scope="module")
def shared_client(lasting_stub: StubS3) -> S3Client:
    return read_only_client(endpoint_url=lasting_stub.url)


def test_the_list_is_of_operations_that_exist_and_read() -> None:
    assert set(MODEL.operation_names) >= ALLOWED
    assert {MODEL.operation_model(name).http["method"] for name in ALLOWED} <= {"GET", "HEAD"}


@pytest.mark.parametrize("operation", sorted(set(MODEL.operation_names) - ALLOWED))
def test_every_other_operation_is_refused_before_anything_is_sent(
    operation: str, client: S3Client, stub: StubS3
) -> None:
    method = getattr(client, xform_name(operation))
    for parameters in (arguments(operation), {}, {"Bucket": "bucket", "Key": "key", "Body": b"x"}):
        with pytest.raises(ReadOnlyError, match=f"{operation} was refused"):
            method(**parameters)
    with pytest.raises(ReadOnlyError):
        client.generate_presigned_url(xform_name(operation), Params=arguments(operation))
    assert stub.requests == []


@pytest.mark.parametrize("operation", sorted(ALLOWED))
def test_the_others_are_sent(operation: str, client: S3Client, stub: StubS3) -> None:
    with contextlib.suppress(ClientError):
        getattr(client, xform_name(operation))(**arguments(operation))
    assert len(stub.requests) >= 1
    assert {request.method for request in stub.requests} <= {"GET", "HEAD"}


def test_transfer_helpers_are_refused_too(client: S3Client, stub: StubS3, tmp_path: Path) -> None:
    stub.reset({"key": b"x"})
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with pytest.raises(ReadOnlyError):
        client.upload_file(str(file), "bucket", "key")
    with pytest.raises(ReadOnlyError):
        client.copy({"Bucket": "bucket", "Key": "key"}, "bucket", "other")
    assert {request.method for request in stub.requests} <= {"HEAD"}


@pytest.mark.parametrize("operation", sorted(set(MODEL.operation_names) - ALLOWED))
def test_the_second_guard_stands_alone(
    operation: str, client: S3Client, stub: StubS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every operation on the list, what does not read still stops at its HTTP method."""
    monkeypatch.setattr("auditor.store.client.ALLOWED", set(MODEL.operation_names))
    reads = MODEL.operation_model(operation).http["method"] in ("GET", "HEAD")
    try:
        getattr(client, xform_name(operation))(**arguments(operation))
    except ReadOnlyError:
        assert not reads
    except (BotoCoreError, ClientError, ValueError, KeyError, TypeError):
        pass
    assert {request.method for request in stub.requests} <= {"GET", "HEAD"}


def test_guarding_twice_is_guarding_once(client: S3Client) -> None:
    guard(client)
    with pytest.raises(ReadOnlyError):
        client.delete_object(Bucket="bucket", Key="key")


def test_retries_are_set_and_the_pool_is_large_enough(client: S3Client) -> None:
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 6}
    assert client.meta.config.max_pool_connections >= 2 * 32
    assert client.meta.config.read_timeout <= 60


def test_the_expected_owner_goes_with_every_call(stub: StubS3) -> None:
    client = read_only_client(endpoint_url=stub.url, expected_bucket_owner="123456789012")
    for operation in sorted(ALLOWED):
        with contextlib.suppress(ClientError):
            getattr(client, xform_name(operation))(**arguments(operation))
    assert len(stub.requests) >= len(ALLOWED)
    assert {request.headers.get("x-amz-expected-bucket-owner") for request in stub.requests} == {"123456789012"}
