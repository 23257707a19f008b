"""Whatever a server lists comes out exactly as boto3's own paginator gives it, in every column."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auditor.errors import ListingFailed
from auditor.store import open_store, page
from auditor.store.s3 import S3Store
from tests.examples import examples
from tests.servers import faults
from tests.servers.listing_xml import Style
from tests.servers.real import moto_server, versitygw_binary, versitygw_server
from tests.servers.stub_s3 import Stored, StubS3
from tests.store import plain
from tests.store.keys import HOSTILE, key_texts

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Each is something that a server may write, and whether the fast path should take it.
STYLES = {
    "amazon": (Style(), True),
    "versity": (Style(order=("LastModified", "Checksums", "ETag", "Key", "Size", "StorageClass"), quote="&#34;"), True),
    "checksums first": (Style(order=("Checksums", "Key", "Size", "ETag", "LastModified", "StorageClass")), True),
    "checksums last": (Style(order=("Size", "Key", "ETag", "LastModified", "StorageClass", "Checksums")), True),
    "moto": (Style(quote='"', head_last=True), True),
    "no checksums": (Style(order=("Key", "LastModified", "ETag", "Size", "StorageClass")), True),
    "no storage class": (Style(order=("Key", "LastModified", "ETag", "Size")), False),
    "owner": (Style(extra="<Owner><ID>me</ID><DisplayName>Key</DisplayName></Owner>"), False),
    "restore status": (Style(extra="<RestoreStatus><Size>1</Size></RestoreStatus>"), False),
    "unknown element": (Style(extra="<Type>Normal</Type>"), False),
    "unknown element in the head": (Style(head="<Contained><Size>1</Size></Contained>"), False),
    "common prefixes": (Style(head="<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>", key_count=1), False),
    "comment": (Style(head="<!-- <Contents><Key>no</Key></Contents> -->"), False),
    "cdata": (Style(head="<Delimiter><![CDATA[<Contents>]]></Delimiter>"), False),
    "whitespace": (Style(between="\n  "), False),
    "another namespace": (Style(namespace=' xmlns="http://s3.example.com/doc/"'), False),
    "no namespace": (Style(namespace=""), False),
    "attribute": (Style(namespace=' xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a="b"'), False),
    "prefixed namespace": (Style(extra='<x:T xmlns:x="urn:x">1</x:T>'), False),
    "no declaration": (Style(declaration=""), False),
    "standalone": (Style(declaration='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'), False),
}


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every page with entries that comes in: whether it was cut, or left to botocore."""
    seen: list[bool] = []

    def without_entries(body: bytes) -> object:
        found = page.without_entries(body)
        if b"<Contents>" in body and found is None:
            seen.append(False)
        return found

    def cut(body: bytes) -> object:
        found = page.cut(body)
        seen.append(found is not None)
        return found

    monkeypatch.setattr("auditor.store.fast.without_entries", without_entries)
    monkeypatch.setattr("auditor.store.fast.cut", cut)
    return seen


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Size>1</Size>", b"<Size></Size>"),
        (b"<Size>1</Size>", b"<Size/>"),
        (b"<Size>1</Size>", b"<Size>1</Size><Size>1</Size>"),
        (b"<Size>1</Size>", b"<Size> 1</Size>"),
        (b"<Size>1</Size>", b"<Size>+1</Size>"),
        (b"<Size>1</Size>", b"<Size>-1</Size>"),
        (b"<Size>1</Size>", b"<Size>1_0</Size>"),
        (b"<Size>1</Size>", b"<Size>0x1F</Size>"),
        (b"<Size>1</Size>", b"<Size>1</Size>2"),
        (b"<Size>1</Size>", b"<Size>1</Size><Owner></Owner>"),
        (b"<Size>1</Size>", b"<Size a='1'>1</Size>"),
        (b"<Size>1</Size>", b"<Size >1</Size>"),
        (b"<Key>b</Key>", b""),
        (b"<Key>b</Key>", b"<Key>b>c</Key>"),
        (b"<Key>b</Key>", b"<Key>b&lt;</Key>"),
        (b"<Key>b</Key>", b"<Key>b&quot;</Key>"),
        (b"<Key>b</Key>", b"<Key>b\xc3\xa9</Key>"),
        (b"<Key>b</Key>", b"<Key>b\r\n</Key>"),
        (b"<Key>b</Key>", b"<Key>b\x01</Key>"),
        (b"<Key>b</Key>", b"<Key><![CDATA[b]]></Key>"),
        (b"<Key>b</Key>", b"<!-- no --><Key>b</Key>"),
        (b"<Key>b</Key>", b"<Key>b</Kex>"),
        (b"<Key>b</Key>", b"<Kex>b</Kex>"),
        (b"<Key>b</Key>", b"<Key>b</Size>"),
        (b"<Key>b</Key>", b"<x:Key xmlns:x='urn:x'>b</x:Key>"),
        (b"<ETag>&quot;", b"<ETag>&#x22;"),
        (b"<ETag>&quot;", b"<ETag>&amp;quot;"),
        (b"<ETag>&quot;", b"<ETag>"),
        (b"</Contents><Contents><Key>b", b"</Contents></Contents><Contents><Contents><Key>b"),
        (b"</Contents><Contents><Key>b", b"<Key>b"),
        (b"</Contents><Contents><Key>b", b"</Contents>\n<Contents><Key>b"),
        (b"</Contents><Contents><Key>b", b"</Contents><Name>x</Name><Contents><Key>b"),
        (b"</Contents><Contents><Key>b", b"<Contents><Key>b"),
        (b"</Contents><Contents><Key>b", b"</Contents><Key>b"),
        (b"STANDARD", b"STANDARD&amp;"),
        (b"CRC64NVME", b"CRC&amp;"),
        (b"CRC64NVME", b"CRC\x01"),
        (b"CRC64NVME", b""),
        (b"<ChecksumType>FULL_OBJECT</ChecksumType>", b"<ChecksumAlgorithm>SHA1</ChecksumAlgorithm>"),
        (b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
        (b"<EncodingType>url<", b"<EncodingType>URL<"),
        (b"<EncodingType>url<", b"<EncodingType><"),
        (b"<KeyCount>3</KeyCount>", b""),
    ],
)
def test_one_odd_thing_in_a_page(old: bytes, new: bytes, stub: StubS3, store: S3Store) -> None:
    """Either the same as the paginator gives, or, where that fails, a listing that failed."""
    stub.objects = {"a": Stored(b""), "b": Stored(b"1"), "c +%": Stored(b"22")}
    stub.hooks.append(lambda _, answer: faults.swapped(answer, old, new))
    try:
        expected = plain.rows(stub.url)
        assert all(row["key"] is not None for row in expected)
    except Exception:
        with pytest.raises(ListingFailed):
            list(store.list())
    else:
        assert stub.hooks[0](stub.requests[0], stub.ordinary(stub.requests[0])).body.count(new) > 0
        assert plain.listed(store.list()) == expected


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_page(style: str, stub: StubS3, store: S3Store, cuts: list[bool]) -> None:
    stub.style, fast = STYLES[style]
    stub.page_size = 20
    stub.objects = {key: Stored(key.encode()) for key in HOSTILE} | {"glacier": Stored(b"", storage_class="GLACIER")}
    assert plain.listed(store.list()) == plain.rows(stub.url)
    assert set(cuts) == {fast}


def test_a_server_that_does_not_encode(stub: StubS3, store: S3Store, cuts: list[bool]) -> None:
    stub.style = Style(url_encoding=False)
    stub.objects = {key: Stored(b"") for key in HOSTILE if key.isprintable()}
    assert plain.listed(store.list()) == plain.rows(stub.url)
    assert set(cuts) == {False}
    assert "a+b" in stub.objects
    assert "a%2Fb" in stub.objects


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(key_texts, min_size=1, max_size=30), size=st.integers(1, 12), style=st.sampled_from(sorted(STYLES)))
@example(keys=set(HOSTILE), size=7, style="amazon")
def test_every_key(keys: set[str], size: int, style: str, stub: StubS3, store: S3Store) -> None:
    stub.style = STYLES[style][0]
    stub.page_size = size
    stub.objects = {key: Stored(key.encode()) for key in keys}
    found = plain.listed(store.list())
    assert found == plain.rows(stub.url)
    assert [row["key"] for row in found] == sorted(keys, key=str.encode)


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.sets(key_texts, min_size=1, max_size=20),
    prefix=st.one_of(st.just(""), key_texts.map(lambda key: key[:2])),
    after=st.none() | key_texts,
    until=st.none() | key_texts,
    size=st.integers(1, 8),
)
def test_every_range(
    keys: set[str], prefix: str, after: str | None, until: str | None, size: int, stub: StubS3, store: S3Store
) -> None:
    stub.objects = {key: Stored(b"") for key in keys}
    stub.page_size = size
    expected = [
        key
        for key in sorted(keys, key=str.encode)
        if key.startswith(prefix)
        and (after is None or key.encode() > after.encode())
        and (until is None or key.encode() <= until.encode())
    ]
    assert [row["key"] for row in plain.listed(store.list(prefix, after, until))] == expected


@pytest.mark.parametrize(
    "moment",
    [
        "2026-13-01T00:00:00.000Z",
        "2026-01-01T24:00:00.000Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59.000Z",
        "2026-01-02T03:04:05.1234567Z",
        "2026-01-02T03:04:05.12Z",
        "2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05.000Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "1767323045",
    ],
)
def test_dates_are_read_as_botocore_reads_them(moment: str, stub: StubS3, store: S3Store) -> None:
    stub.objects = {"a": Stored(b"1"), "b": Stored(b"2")}
    stub.hooks.append(lambda _, answer: faults.swapped(answer, b"2026-01-02T03:04:05.000Z", moment.encode()))
    try:
        expected = plain.rows(stub.url)
    except (ValueError, RuntimeError):
        with pytest.raises(ListingFailed):
            plain.listed(store.list())
    else:
        assert plain.listed(store.list()) == expected


def test_an_entry_with_two_keys_next_to_one_with_none(stub: StubS3, store: S3Store) -> None:
    """As many keys as entries, and yet not one for each."""
    stub.objects = {"a": Stored(b"1"), "b": Stored(b"2")}
    stub.hooks.append(lambda _, answer: faults.swapped(answer, b"<Key>b</Key>", b""))
    stub.hooks.append(lambda _, answer: faults.swapped(answer, b"<Key>a</Key>", b"<Key>a</Key><Key>b</Key>"))
    with pytest.raises(ListingFailed):
        list(store.list())


def test_dates_do_not_depend_on_the_time_zone(stub: StubS3, store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        stub.objects = {"a": Stored(b"1")}
        fast = plain.listed(store.list())
        stub.style = Style(extra="<Type/>", between=" ")
        assert plain.listed(store.list()) == fast == plain.rows(stub.url)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_bytes_that_are_not_utf8_become_what_botocore_makes_of_them(stub: StubS3, store: S3Store) -> None:
    stub.objects = {"a": Stored(b"1"), "zz": Stored(b"2")}
    for raw in (b"z%FF", b"z%C3", b"z%ED%A0%80"):
        stub.hooks = [lambda _, answer, raw=raw: faults.swapped(answer, b"<Key>zz</Key>", b"<Key>" + raw + b"</Key>")]
        assert plain.listed(store.list()) == plain.rows(stub.url)


@pytest.fixture
def versitygw(tmp_path: Path) -> Iterator[str]:
    binary = versitygw_binary()
    if binary is None:
        pytest.skip("versitygw is neither on PATH nor named by $VERSITYGW")
    with versitygw_server(binary, tmp_path) as url:
        yield url


def _put(url: str, keys: list[str]) -> list[str]:
    """Stores what the server takes, and says what that was."""
    client, taken = plain.client(url), []
    client.create_bucket(Bucket="bucket")
    for key in keys:
        try:
            client.put_object(Bucket="bucket", Key=key, Body=key.encode())
        except client.exceptions.ClientError:
            continue
        taken.append(key)
    return taken


def test_what_moto_holds(cuts: list[bool]) -> None:
    with moto_server() as url:
        taken = _put(url, HOSTILE)
        store, _ = open_store("s3://bucket", endpoint_url=url)
        found = plain.listed(store.list())
        assert found == plain.rows(url)
        assert {row["key"] for row in found} == set(taken)
        assert len(taken) > 25
        assert store.clock().tzinfo is not None
        assert all(store.head(key) is not None for key in taken)
        store.close()
    assert set(cuts) == {True}


@pytest.mark.server
def test_what_versitygw_holds(versitygw: str) -> None:
    keys = [f"plain/{number:04}" for number in range(30)] + ["a-b", "a/c", "a.d", "a0"]
    taken = _put(versitygw, keys + [key for key in HOSTILE if not NOT_IN_XML.search(key)])
    for options in ({}, {"Prefix": "a"}, {"StartAfter": "plain/0010"}, {"PaginationConfig": {"PageSize": 7}}):
        store, _ = open_store("s3://bucket", endpoint_url=versitygw)
        tables = store.list(options.get("Prefix", ""), options.get("StartAfter"))  # type: ignore[arg-type]
        assert plain.listed(tables) == plain.rows(versitygw, **options)  # type: ignore[arg-type]
        store.close()
    assert len(taken) > 50


@pytest.mark.server
def test_a_server_that_mangles_keys_is_not_believed(versitygw: str) -> None:
    """This one writes what XML cannot hold as U+FFFD, so that the key sorts elsewhere, and is another."""
    _put(versitygw, ["\x01", "a"])
    store, _ = open_store("s3://bucket", endpoint_url=versitygw)
    with pytest.raises(ListingFailed, match="U\\+FFFD"):
        list(store.list())
    store.close()
