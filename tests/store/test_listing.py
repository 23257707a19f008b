"""Pages that fail, ranges, order, reading ahead; and the order of events that the fast path rests on."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from auditor.errors import ListingFailed
from auditor.frames import OBJECTS
from auditor.store import ahead
from auditor.store.ahead import read_ahead
from auditor.store.fast import fast_pages, install
from auditor.store.s3 import S3Store
from tests.servers import faults
from tests.servers.listing_xml import Style
from tests.servers.stub_s3 import Answer, Fault, StubS3
from tests.store import plain
from tests.store.conftest import OpenS3

ATTEMPTS = 6
OBJECTS_OF_25 = {f"k/{number:03}": b"x" * number for number in range(25)}
BROKEN: dict[str, Fault] = {
    "slow down": faults.slow_down,
    "internal error": faults.internal_error,
    "error in a 200": faults.error_in_200,
    "cut off": faults.cut_off,
    "cut off silently": faults.cut_off_silently,
    "wrong KeyCount": faults.swap(b"<KeyCount>10", b"<KeyCount>11"),
    "an entry less": faults.one_key_short,
    "an entry less, unusual page": lambda answer: faults.swapped(faults.one_key_short(answer), b"<Name>", b" <Name>"),
    "connection reset": faults.reset,
    "empty body": faults.empty_body,
    "some other page": faults.some_other_page,
    "no IsTruncated": faults.swap(b"<IsTruncated>true</IsTruncated>", b""),
    "a token, but no more": faults.swap(b"<IsTruncated>true", b"<IsTruncated>false"),
    "more, but no token": faults.swap(b"NextContinuationToken", b"ContinuationToken"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def pages_of_ten(stub: StubS3) -> None:
    stub.reset(OBJECTS_OF_25, page_size=10)


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_page_that_fails_for_a_while_is_asked_for_again(
    fault: str, pages_before: int, stub: StubS3, open_s3: OpenS3
) -> None:
    stub.fail_after(pages_before, BROKEN[fault], times=2)
    assert [row["key"] for row in plain.listed(open_s3().list())] == list(OBJECTS_OF_25)
    assert len(stub.requests) == 3 + 2


@pytest.mark.parametrize("fault", BROKEN)
def test_a_page_that_fails_for_good(fault: str, stub: StubS3, open_s3: OpenS3) -> None:
    stub.fail_after(1, BROKEN[fault])
    tables = open_s3().list()
    assert [row["key"] for row in next(tables).to_pylist()] == list(OBJECTS_OF_25)[:10]
    with pytest.raises(ListingFailed, match="broke off"):
        next(tables)
    assert len(stub.requests) == 1 + ATTEMPTS


@pytest.mark.parametrize("fault", [faults.denied, faults.expired])
def test_a_refusal_is_not_asked_for_again(fault: Fault, stub: StubS3, open_s3: OpenS3) -> None:
    stub.fail_after(1, fault)
    with pytest.raises(ListingFailed):
        list(open_s3().list())
    assert len(stub.requests) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Size>3<", b"<Size>many<"),
        (b"<Size>3<", b"<Size>9999999999999999999<"),
        (b"<KeyCount>10<", b"<KeyCount>ten<"),
        (b"2026-01-02T03", b"2026-14-02T03"),
    ],
)
def test_values_that_make_no_sense(old: bytes, new: bytes, stub: StubS3, open_s3: OpenS3) -> None:
    stub.fail_after(0, faults.swap(old, new))
    with pytest.raises(ListingFailed):
        list(open_s3().list())


def test_the_same_token_twice_is_no_endless_loop(stub: StubS3, open_s3: OpenS3) -> None:
    first: list[Answer] = []

    def stuck(answer: Answer) -> Answer:
        first.append(answer)
        return first[0]

    stub.fail_after(0, stuck)
    with pytest.raises(ListingFailed):
        list(open_s3().list())
    assert len(stub.requests) <= 3


def test_unsorted_within_a_page(stub: StubS3, open_s3: OpenS3) -> None:
    stub.style = Style(reverse=True)
    stub.page_size = 1000
    with pytest.raises(ListingFailed, match="lists unsorted"):
        list(open_s3().list())


@pytest.mark.parametrize("second", ["k/009", "k/000"])
@pytest.mark.parametrize("rows", [10, 1000])
def test_unsorted_across_pages_and_the_same_key_twice(
    second: str, rows: int, stub: StubS3, open_s3: OpenS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the two pages in one table, and in two."""
    monkeypatch.setattr(ahead.read_ahead, "__defaults__", (rows,))
    stub.fail_after(1, faults.swap(b"<Key>k/010<", b"<Key>" + second.encode() + b"<"), times=1)
    with pytest.raises(ListingFailed, match="lists unsorted"):
        list(open_s3().list())


def test_unsorted_behind_until(stub: StubS3, open_s3: OpenS3) -> None:
    """The end of the range is where a stray key would be cut off unseen."""
    stub.page_size = 1000
    stub.fail_after(0, faults.swap(b"<Key>k/020<", b"<Key>k/0040<"))
    with pytest.raises(ListingFailed, match="lists unsorted"):
        list(open_s3().list(until="k/010"))


@pytest.mark.parametrize("lost", ["prefix", "start-after"])
def test_a_server_that_ignores_the_range(lost: str, stub: StubS3, open_s3: OpenS3) -> None:
    whole = plain.client(stub.url).list_objects_v2
    stub.reset({"a": b"", **OBJECTS_OF_25})
    body: list[bytes] = []
    stub.hooks.append(lambda _, answer: body.append(answer.body) or answer)
    whole(Bucket="bucket")
    stub.hooks[:] = [lambda _, answer: Answer(body=body[0])]
    with pytest.raises(ListingFailed, match="outside of the range"):
        list(open_s3().list("k/") if lost == "prefix" else open_s3().list("", after="k/000"))


def test_nothing_is_asked_for_beyond_until(stub: StubS3, store: S3Store) -> None:
    keys = list(OBJECTS_OF_25)
    assert [row["key"] for row in plain.listed(store.list(until=keys[9]))] == keys[:10]
    assert len(stub.requests) <= 2
    stub.requests.clear()
    assert [row["key"] for row in plain.listed(store.list(until=keys[8]))] == keys[:9]
    assert len(stub.requests) == 1


def test_an_empty_bucket_has_no_pages(stub: StubS3, store: S3Store) -> None:
    stub.objects = {}
    assert list(store.list()) == []


def test_every_request_is_counted(stub: StubS3, open_s3: OpenS3) -> None:
    store = open_s3()
    stub.fail_after(1, faults.internal_error, times=2)
    list(store.list())
    store.head("k/001")
    assert store.requests == {"ListObjectsV2": 5, "HeadObject": 1}
    assert sum(store.requests.values()) == len(stub.requests)


def test_the_order_of_events_that_the_fast_path_rests_on(stub: StubS3, open_s3: OpenS3) -> None:
    """`*` goes ahead of `s3`: entries are taken out before botocore reads the body, and judged before it decides."""
    store = open_s3()
    seen: list[tuple[str, bool]] = []

    def listen(event: str) -> None:
        def heard(response_dict: dict[str, Any], **_: Any) -> None:
            seen.append((event, b"<Contents>" in response_dict["body"]))

        store._client.meta.events.register_first(event, heard)

    for event in ("before-parse.s3.*", "before-parse.s3.ListObjectsV2", "before-parse.s3"):
        listen(event)
    list(store.list(until="k/001"))
    assert seen == [
        ("before-parse.s3.*", False),
        ("before-parse.s3.ListObjectsV2", False),
        ("before-parse.s3", False),
    ]
    judged: list[int] = []
    store._client.meta.events.register_first(
        "needs-retry.s3.*", lambda response, **_: judged.append(response[0].status_code)
    )
    stub.fail_after(0, faults.swap(b"<KeyCount>10", b"<KeyCount>11"), times=1)
    list(store.list(until="k/001"))
    assert judged == [500, 200]


def test_other_users_of_the_client_get_whole_pages(stub: StubS3, open_s3: OpenS3) -> None:
    store = open_s3()
    install(store._client)
    answer = store._client.list_objects_v2(Bucket="bucket")
    assert [item["Key"] for item in answer["Contents"]] == list(OBJECTS_OF_25)[:10]
    with fast_pages():
        assert "Contents" not in store._client.list_objects_v2(Bucket="bucket")


def test_tables_are_made_of_many_pages(stub: StubS3, store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead.read_ahead, "__defaults__", (20,))
    assert [len(table) for table in store.list()] == [20, 5]


def numbered(count: int, started: list[int], fail_at: int | None = None) -> Iterator[pa.Table]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        started.append(number)
        if number == fail_at:
            raise ListingFailed("a page")
        yield pa.Table.from_pylist(
            [{"key": f"{number:05}", "size": 1, "last_modified": moment, "etag": None, "storage_class": None}], OBJECTS
        )


def test_the_next_table_is_on_its_way_while_one_is_looked_at() -> None:
    started: list[int] = []
    tables = read_ahead(numbered(10, started), iter, rows=2)
    next(tables)
    for _ in range(100):
        if len(started) >= 4:
            break
        time.sleep(0.01)
    assert started == [0, 1, 2, 3]
    tables.close()  # type: ignore[attr-defined]


def test_errors_surface_in_order() -> None:
    tables = read_ahead(numbered(10, [], fail_at=5), iter, rows=2)
    assert [len(next(tables)) for _ in range(3)] == [2, 2, 1]
    with pytest.raises(ListingFailed, match="a page"):
        next(tables)


def test_a_consumer_that_leaves_does_not_wait_for_a_whole_table() -> None:
    started: list[int] = []

    def slow() -> Iterator[pa.Table]:
        for page in numbered(100, started):
            time.sleep(0.02 if started[-1] >= 10 else 0)
            yield page

    tables = read_ahead(slow(), iter, rows=10)
    next(tables)
    tables.close()  # type: ignore[attr-defined]
    assert len(started) < 15


def test_a_consumer_that_leaves_takes_the_thread_along() -> None:
    started: list[int] = []
    tables = read_ahead(numbered(10**6, started), iter, rows=1000)
    next(tables)
    tables.close()  # type: ignore[attr-defined]
    stopped_at = len(started)
    assert stopped_at <= 2001
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("listing")]
    tables = read_ahead(numbered(10**6, started), iter, rows=1000)
    next(tables)
    del tables
    gc.collect()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("listing")]
