"""One object of a bucket: the clock, the look, the bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import CannotStart, ObjectGone, ObjectUnreadable
from auditor.store.base import ObjectFacts
from auditor.store.s3 import S3Store
from tests.examples import examples
from tests.servers import faults
from tests.servers.stub_s3 import Answer, Fault, Request, Stored, StubS3, error
from tests.store.conftest import OpenS3
from tests.store.keys import HOSTILE

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BODY = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture(autouse=True)
def objects(stub: StubS3) -> None:
    stub.reset({"a": BODY, "empty": b"", "cold": Stored(b"x", storage_class="GLACIER")})


def objects_only(request: Request) -> bool:
    return request.key is not None


def test_the_clock_is_the_servers(stub: StubS3, open_s3: OpenS3) -> None:
    stub.now = lambda: NOW + timedelta(days=400)
    assert open_s3().clock() == NOW + timedelta(days=400)
    assert [(request.operation, request.query["max-keys"]) for request in stub.requests] == [("ListObjectsV2", "1")]


def test_the_clock_asks_for_no_more_than_the_run_will(stub: StubS3, open_s3: OpenS3) -> None:
    stub.when(lambda request: not request.query.get("prefix"), faults.denied)
    assert open_s3("a/").clock()
    with pytest.raises(CannotStart):
        open_s3().clock()


def test_a_server_without_a_clock(stub: StubS3, open_s3: OpenS3) -> None:
    stub.hooks.append(lambda _, answer: Answer(headers={"Date": ""}, body=answer.body))
    with pytest.raises(CannotStart, match="what time it is"):
        open_s3().clock()


def test_a_look(store: S3Store) -> None:
    listed = {row["key"]: row for table in store.list() for row in table.to_pylist()}
    for key in ("a", "empty", "cold"):
        assert store.head(key) == ObjectFacts(**listed[key])


def test_only_404_means_gone(store: S3Store) -> None:
    assert store.head("b") is None
    with pytest.raises(ObjectGone), store.open("b"):
        pass


@pytest.mark.parametrize("key", HOSTILE)
def test_every_key_can_be_looked_at_and_read(key: str, stub: StubS3, store: S3Store) -> None:
    stub.objects = {key: Stored(b"this one")}
    facts = store.head(key)
    assert facts is not None
    assert facts.key == key
    with store.open(key, 5) as stream:
        assert stream.read() == b"one"
    assert {request.key for request in stub.requests} == {key}


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        (faults.denied, True),
        (lambda _: error(403, "InvalidObjectState"), True),
        (lambda _: error(400, "InvalidRequest"), True),
        (lambda _: error(400, "KMS.DisabledException"), True),
        (faults.internal_error, False),
        (faults.slow_down, False),
        (faults.reset, False),
        (faults.expired, False),
        (lambda _: error(403, "InvalidAccessKeyId"), False),
        (lambda _: error(429, "TooManyRequests"), False),
    ],
)
def test_a_refusal_is_told_from_a_failure(fault: Fault, refused: bool, stub: StubS3, open_s3: OpenS3) -> None:
    stub.when(objects_only, fault)
    store = open_s3()
    with pytest.raises(ObjectUnreadable) as caught, store.open("a"):
        pass
    assert caught.value.refused is refused
    # The answer to a HEAD has no body that would say which 400 or 403 it is: the listing has to tell.
    if not refused:
        stub.when(lambda request: True, fault)
    with pytest.raises(ObjectUnreadable) as caught:
        store.head("a")
    assert caught.value.refused is refused


def test_archived_says_so(stub: StubS3, open_s3: OpenS3) -> None:
    stub.when(objects_only, lambda _: error(403, "InvalidObjectState"))
    with pytest.raises(ObjectUnreadable, match="archived; restore it"), open_s3().open("cold"):
        pass


def test_a_bucket_that_went_away_takes_no_object_for_gone(stub: StubS3, open_s3: OpenS3) -> None:
    stub.when(objects_only, lambda _: error(404, "NoSuchBucket"))
    with pytest.raises(ObjectUnreadable) as caught, open_s3().open("a"):
        pass
    assert not caught.value.refused


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, len(BODY) - 1),
    length=st.none() | st.integers(0, 300_000),
    sizes=st.lists(st.integers(1, 400_000), min_size=1, max_size=5),
    into=st.booleans(),
)
def test_ranges(start: int, length: int | None, sizes: list[int], into: bool, store: S3Store) -> None:
    if length is not None:
        length = min(length, len(BODY) - start)
    expected = io.BytesIO(BODY[start:] if length is None else BODY[start : start + length])
    with store.open("a", start, length) as stream:
        for size in sizes:
            if into:
                memory = bytearray(size)
                count = stream.readinto(memoryview(memory))  # type: ignore[attr-defined]
                assert memory[:count] == expected.read(size)
            else:
                assert stream.read(size) == expected.read(size)
        assert stream.read() == expected.read()
        assert stream.read() == b""


def test_an_empty_object(stub: StubS3, store: S3Store) -> None:
    with store.open("empty") as stream:
        assert stream.read() == b""
    with store.open("a", 7, 0) as stream:
        assert stream.read() == b""
    assert len(stub.requests) == 1


@pytest.mark.parametrize("length", [None, 500_000])
def test_a_body_that_ends_early(length: int | None, stub: StubS3, open_s3: OpenS3) -> None:
    stub.when(objects_only, faults.cut_off)
    with open_s3().open("a", 0, length) as stream, pytest.raises(ObjectUnreadable) as caught:
        list(iter(lambda: stream.read(100_000), b""))
    assert not caught.value.refused


def test_a_range_beyond_the_end(store: S3Store) -> None:
    with store.open("a", len(BODY) - 10, 11) as stream, pytest.raises(ObjectUnreadable, match="1 bytes early"):
        stream.read()
    with pytest.raises(ObjectUnreadable, match="shorter") as caught, store.open("a", len(BODY), 1):
        pass
    assert not caught.value.refused


def test_a_server_that_ignores_ranges(stub: StubS3, store: S3Store) -> None:
    stub.when(objects_only, lambda answer: Answer(body=BODY))
    with pytest.raises(ObjectUnreadable, match="byte ranges"), store.open("a", 5, 10):
        pass


def test_leaving_a_stream_early_leaves_the_store_usable(stub: StubS3, store: S3Store) -> None:
    for _ in range(3):
        with store.open("a") as stream:
            assert stream.read(10) == BODY[:10]
    assert store.head("a") is not None


def test_nothing_but_list_get_and_head_was_sent(stub: StubS3, store: S3Store) -> None:
    store.clock()
    list(store.list())
    store.head("a")
    with store.open("a", 1, 2) as stream:
        stream.read()
    assert set(stub.operations()) == {"ListObjectsV2", "HeadObject", "GetObject"}
    assert {request.method for request in stub.requests} == {"GET", "HEAD"}
