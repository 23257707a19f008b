"""UPL001: unfinished uploads on moto, on versitygw, in memory, and where nobody may ask for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from auditor.errors import CallRefused, ListingFailed
from auditor.store.base import UnfinishedUpload
from auditor.store.client import read_only_client
from auditor.store.s3 import S3Store
from rules.multipart import LIMIT, SIZED, MultipartRule
from tests.scan.fakes import OLD, YOUNG, MemoryStore
from tests.scan.running import Ran, image, run
from tests.scanning import Scanned, scan, with_credentials
from tests.servers import faults
from tests.servers.real import ACCESS_KEY, SECRET_KEY, moto_server, versitygw_binary, versitygw_server
from tests.servers.stub_s3 import Answer, StubS3, error
from tests.world.serve import backend

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "uploads-bucket"
PART = b"x" * 5000
HOSTILE = "s3_files/odd + 100%25 <key>/ü"
KEYS = [image(1), image(2), HOSTILE]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)


def audit(folder: Path, store: MemoryStore, **options: Any) -> Ran:
    return run(folder, store, None, rules=[MultipartRule()], **options)


def upload(number: int, begun: datetime = OLD, key: str | None = None) -> UnfinishedUpload:
    return UnfinishedUpload(key or image(number), f"id-{number}", begun)


def test_old_ones_are_reported_and_young_ones_are_not(tmp_path: Path) -> None:
    store = MemoryStore({}, unfinished=[upload(1), upload(2, YOUNG), upload(3, key="elsewhere")])
    ran = audit(tmp_path, store)
    assert [(one.key, one.family, str(one.severity)) for one in ran.found] == [
        ("elsewhere", None, "info"),
        (image(1), "images/originals", "info"),
    ]
    assert ran.found[1].message == (
        "The upload id-1 was begun at 2026-04-01T12:00:00Z and is neither completed nor aborted; "
        "10.0 MB in 2 parts are stored."
    )
    assert ran.summary["exit_code"] == 0


def test_two_uploads_of_one_key_are_two_findings(tmp_path: Path) -> None:
    ran = audit(tmp_path, MemoryStore({}, unfinished=[upload(1), upload(2, key=image(1))]))
    assert len({one.fingerprint for one in ran.found}) == len(ran.found) == 2


def test_only_the_prefix_is_asked_for(tmp_path: Path) -> None:
    store = MemoryStore({}, unfinished=[upload(1), upload(2, key="other/x")])
    assert audit(tmp_path, store, prefix="other/").about("UPL001") == {"other/x"}


def test_many_are_counted(tmp_path: Path) -> None:
    store = MemoryStore({}, unfinished=[upload(number) for number in range(LIMIT + 5)])
    ran = audit(tmp_path, store)
    assert len(ran.found) == LIMIT + 1
    assert "5 more uploads were begun long ago" in "".join(one.message for one in ran.found if not one.key)
    assert ran.summary["requests"]["ListParts"] == SIZED


class _Refuses(MemoryStore):
    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        raise CallRefused("the store does not list unfinished uploads")


class _Breaks(MemoryStore):
    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        yield upload(1)
        raise ListingFailed("page lost")


def test_a_store_that_refuses_is_said_and_the_run_is_complete(tmp_path: Path) -> None:
    ran = audit(tmp_path, _Refuses({}))
    assert ran.summary["complete"]
    assert {"what": "UPL001 abandoned-multipart", "because": "the store does not list unfinished uploads"} in (
        ran.summary["not_audited"]
    )


def test_a_list_that_breaks_off_makes_the_run_incomplete(tmp_path: Path) -> None:
    assert not audit(tmp_path, _Breaks({})).summary["complete"]


@pytest.mark.parametrize(
    ("status", "code", "complete"),
    [
        (403, "AccessDenied", True),
        (501, "NotImplemented", True),
        (405, "MethodNotAllowed", True),
        (403, "ExpiredToken", False),
    ],
)
def test_answers_of_a_server(tmp_path: Path, status: int, code: str, complete: bool) -> None:
    with StubS3({image(1): b"x"}) as server:
        server.when(lambda request: request.operation == "ListMultipartUploads", lambda _: error(status, code))
        scanned = scan([f"s3://{server.bucket}", "--endpoint-url", server.url], tmp_path / "run", "--db", "none")
    assert scanned.summary["complete"] is complete
    why = [entry["because"] for entry in scanned.summary["not_audited"] if entry["what"].startswith("UPL001")]
    assert bool(why) is complete
    if code == "AccessDenied":
        assert "grant s3:ListBucketMultipartUploads" in why[0]


def test_a_server_that_keeps_failing_makes_the_run_incomplete(tmp_path: Path) -> None:
    with StubS3({image(1): b"x"}) as server:
        server.when(lambda request: request.operation == "ListMultipartUploads", faults.reset)
        store = S3Store(read_only_client(endpoint_url=server.url, region="us-east-1"), server.bucket)
        with pytest.raises(ListingFailed, match="broke off"):
            list(store.uploads())
        store.close()


PAGE = """<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>
<NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>{number}</NextUploadIdMarker>
<Upload><Key>{key}</Key><UploadId>{number}</UploadId><Initiated>2026-01-02T03:04:05.000Z</Initiated></Upload>
</ListMultipartUploadsResult>"""


def test_pages_are_followed_and_keys_decoded() -> None:
    pages = [
        PAGE.format(more="true", key="a%0Ab%2Bc+d", number=1),
        PAGE.format(more="false", key="%3Cz%3E", number=2),
    ]
    with StubS3() as server:
        server.when(lambda request: "uploads" in request.query, lambda _: Answer(body=pages.pop(0).encode()))
        store = S3Store(read_only_client(endpoint_url=server.url, region="us-east-1"), server.bucket)
        found = [(one.key, one.upload_id) for one in store.uploads("p")]
        store.close()
        asked = [dict(request.query) for request in server.requests]
    assert found == [("a\nb+c d", "1"), ("<z>", "2")]
    assert asked[1] == asked[0] | {"key-marker": "a\nb+c d", "upload-id-marker": "1"}
    assert asked[0]["prefix"] == "p"


def test_a_page_that_comes_again_and_again_ends_the_list() -> None:
    page = PAGE.format(more="true", key="a", number=1).encode()
    with StubS3() as server:
        server.when(lambda request: "uploads" in request.query, lambda _: Answer(body=page))
        store = S3Store(read_only_client(endpoint_url=server.url, region="us-east-1"), server.bucket)
        with pytest.raises(ListingFailed, match="the same page came twice"):
            list(store.uploads())
        store.close()


def begin(client: S3Client, keys: list[str]) -> None:
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key=image(9), Body=b"whole")
    for key in keys:
        begun = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        for number in (1, 2):
            client.upload_part(Bucket=BUCKET, Key=key, UploadId=begun, PartNumber=number, Body=PART)


def client_of(url: str, **keys: str) -> S3Client:
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)  # type: ignore[call-overload,no-any-return]


def told(scanned: Scanned) -> dict[str, str]:
    return {one.key: one.message for one in scanned.findings() if one.rule == "UPL001"}


def test_on_moto(tmp_path: Path) -> None:
    with moto_server() as url:
        begin(client_of(url), KEYS)
        for multipart in backend().get_bucket(BUCKET).multiparts.values():
            multipart.initiated = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=40)
        bucket = [f"s3://{BUCKET}", "--endpoint-url", url]
        scanned = scan(bucket, tmp_path / "run", "--db", "none")
        part = scan([f"s3://{BUCKET}/{image(1)}", *bucket[1:]], tmp_path / "part", "--db", "none")
    messages = told(scanned)
    assert set(messages) == set(KEYS)
    assert all(message.endswith("; 10.0 kB in 2 parts are stored.") for message in messages.values())
    assert scanned.summary["requests"]["ListParts"] == 3
    assert set(told(part)) == {image(1)}


@pytest.mark.server
def test_on_versitygw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its times cannot be changed, so the run's cutoff lies in the future of the uploads."""
    binary = versitygw_binary()
    if binary is None:
        pytest.skip("versitygw is not installed")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    served = tmp_path / "served"
    served.mkdir()
    with versitygw_server(binary, served) as url:
        begin(client_of(url), KEYS[:2])
        bucket = [f"s3://{BUCKET}", "--endpoint-url", url]
        young = scan(bucket, tmp_path / "young", "--db", "none")
        time.sleep(1.1)  # the server's clock and its times have no fractions of a second
        scanned = scan(bucket, tmp_path / "run", "--db", "none", "--min-age", "0s")
    assert told(young) == {}
    assert set(told(scanned)) == set(KEYS[:2])
    assert all("10.0 kB in 2 parts" in message for message in told(scanned).values())
