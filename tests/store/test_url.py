"""What cannot be audited says so in one sentence that ends in what to do, before anything was read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.store import open_store
from auditor.store.folder import FolderStore
from auditor.store.s3 import S3Store
from tests.servers import faults
from tests.servers.stub_s3 import Answer, StubS3, error
from tests.store.conftest import OpenS3


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://name", "name", ""),
        ("s3://name/", "name", ""),
        ("s3://name/s3_files/", "name", "s3_files/"),
        ("s3://name/a%2Fb?c#d", "name", "a%2Fb?c#d"),
        ("s3://name//a", "name", "/a"),
        ("s3://na.me-1/é", "na.me-1", "é"),
    ],
)
def test_a_prefix_is_taken_literally(url: str, bucket: str, prefix: str) -> None:
    store, found = open_store(url)
    assert isinstance(store, S3Store)
    assert (store.bucket, found) == (bucket, prefix)
    assert store.url == f"s3://{bucket}"
    store.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("name", "names no bucket"),
        ("https://name.s3.amazonaws.com/", "names no bucket"),
        ("", "names no bucket"),
        ("s3:name", "names no bucket"),
        ("s3://", "no name of a bucket"),
        ("s3:///prefix", "no name of a bucket"),
        ("s3://na me/", "no name of a bucket"),
        ("s3://arn:aws:s3:us-east-1:1:accesspoint/x", "no name of a bucket"),
        ("s3://name@evil.example/", "no name of a bucket"),
        ("s3://name\x1b[2J/", r"na.*\\x1b"),
        ("s3://data--usw2-az1--x-s3/images", "directory bucket .* lists unsorted"),
        ("s3://name/\udcff", "not UTF-8"),
        ("file://folder/x", "names no folder"),
        ("file://", "names no folder"),
        ("file:///a%00b", "names no folder"),
    ],
)
def test_bad_urls(url: str, says: str) -> None:
    with pytest.raises(CannotStart, match=says) as caught:
        open_store(url)
    assert "\x1b" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_bad_options() -> None:
    with pytest.raises(CannotStart, match="no AWS profile 'nobody'; `aws configure list-profiles`"):
        open_store("s3://name", profile="nobody")
    with pytest.raises(CannotStart, match="--endpoint-url is not a URL; pass one"):
        open_store("s3://name", endpoint_url="user:secret@host")
    with pytest.raises(CannotStart, match="no name of a region; pass one") as caught:
        open_store("s3://name", region="not a region!")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (error(404, "NoSuchBucket"), "no such bucket; check the name"),
        (error(403, "AccessDenied"), "access denied; grant s3:ListBucket"),
        (error(400, "ExpiredToken"), "token has expired; sign in again"),
        (error(403, "InvalidAccessKeyId", "AKIASECRET"), "does not know the access key; choose"),
        (error(403, "SignatureDoesNotMatch", "AKIASECRET"), "secret key is wrong; choose"),
        (error(403, "RequestTimeTooSkewed"), "clock is wrong; set it right"),
        (error(301, "PermanentRedirect"), "somewhere else; pass --region"),
        (error(503, "SlowDown"), "slow down, and kept asking; try again later"),
        (
            error(500, "InternalError", "https://h/?X-Amz-Signature=AKIASECRET"),
            r"InternalError \(HTTP 500\); try again",
        ),
        (error(409, "I\u202e [2J am"), r"answered I2Jam \(HTTP 409\)"),
        (faults.some_other_page(Answer()), "does not say whether there are more; check that the endpoint speaks S3"),
        (Answer(body=b"<html>no"), "HTTP 500"),
        (Answer(status=200, body=b""), "does not say whether there are more"),
        (Answer(reset=True), "could not be reached|the connection broke"),
    ],
)
def test_what_a_server_may_answer(answer: Answer, says: str, stub: StubS3, open_s3: OpenS3) -> None:
    stub.hooks.append(lambda request, ordinary: answer)
    with pytest.raises(CannotStart, match=says) as caught:
        open_s3().clock()
    assert len(stub.requests) <= 6
    assert "'bucket'" in str(caught.value)
    assert "AKIASECRET" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_bucket_that_is_not_there(stub: StubS3) -> None:
    with pytest.raises(CannotStart, match="no such bucket"):
        open_store("s3://elsewhere", endpoint_url=stub.url)[0].clock()


def test_no_credentials(stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CannotStart, match="no AWS credentials were found; set AWS_PROFILE"):
        open_store("s3://bucket", endpoint_url=stub.url)[0].clock()
    assert stub.requests == []


def test_half_of_the_credentials(stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CannotStart, match="not complete; complete them"):
        open_store("s3://bucket", endpoint_url=stub.url)[0].clock()


def test_a_profile_whose_sign_in_has_expired(stub: StubS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile me]\nsso_session = us\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "[sso-session us]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CannotStart, match=r"sign in again .for instance with `aws sso login`."):
        open_store("s3://bucket", endpoint_url=stub.url, profile="me")[0].clock()


def test_an_endpoint_that_is_down() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://user:secret@127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(
        CannotStart, match=r"http://127\.0\.0\.1:\d+: the endpoint could not be reached; check"
    ) as caught:
        open_store("s3://bucket", endpoint_url=url)[0].clock()
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"There is no folder .*; check"):
        open_store(f"file://{tmp_path}/nowhere")[0].clock()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotStart, match=r"There is no folder .*; check"):
        open_store(f"file://{tmp_path}/file")[0].clock()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(CannotStart, match="may not be read"):
            open_store(f"file://{tmp_path}")[0].clock()
    finally:
        tmp_path.chmod(0o700)


def test_folder_urls_are_percent_encoded(tmp_path: Path) -> None:
    folder = tmp_path / "a b%é"
    folder.mkdir()
    for url in (folder.as_uri(), f"file://localhost{folder.as_uri().removeprefix('file://')}"):
        store, prefix = open_store(url)
        assert isinstance(store, FolderStore)
        assert store.root == folder
        assert prefix == ""
        assert store.url == folder.as_uri()
        store.clock()
