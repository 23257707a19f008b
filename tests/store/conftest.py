from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from auditor.store import open_store
from auditor.store.s3 import S3Store
from tests.servers.quick import without_pauses
from tests.servers.stub_s3 import StubS3

OpenS3 = Callable[..., S3Store]


@pytest.fixture(scope="package", autouse=True)
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Made-up credentials, and nothing of this machine's own AWS configuration."""
    nothing = str(tmp_path_factory.getbasetemp() / "no-such-file")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
            patch.delenv(name, raising=False)
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testkey",
            "AWS_SECRET_ACCESS_KEY": "testsecret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


@pytest.fixture(scope="package")
def lasting_stub() -> Iterator[StubS3]:
    with StubS3() as server:
        yield server


@pytest.fixture
def stub(lasting_stub: StubS3) -> StubS3:
    lasting_stub.reset()
    return lasting_stub


@pytest.fixture
def open_s3(stub: StubS3) -> Iterator[OpenS3]:
    """Opens stores on the stub, each with a client of its own, and closes them."""
    opened: list[S3Store] = []

    def open_one(prefix: str = "", **options: str) -> S3Store:
        store, _ = open_store(f"s3://bucket/{prefix}", endpoint_url=stub.url, **options)
        assert isinstance(store, S3Store)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture(scope="package")
def lasting_store(credentials: None, lasting_stub: StubS3) -> Iterator[S3Store]:
    """For tests in which nothing fails: a client takes long to make, and slows down for good once it was told to."""
    store, _ = open_store("s3://bucket", endpoint_url=lasting_stub.url)
    assert isinstance(store, S3Store)
    yield store
    store.close()


@pytest.fixture
def store(stub: StubS3, lasting_store: S3Store) -> S3Store:
    lasting_store.requests.clear()
    return lasting_store
