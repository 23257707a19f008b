"""BAK002: every bit of a dump counts, every cut is noticed, and nothing is taken at its word."""

from __future__ import annotations

import io
import struct
import tracemalloc
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import ObjectUnreadable
from auditor.formats.redis import chunks
from auditor.formats.stream import Exact
from auditor.protocols import Depth
from rules.backups import RedisBackupRule
from rules.backups.redis import HEADER_BYTES
from tests.examples import examples
from tests.fuzz import redis
from tests.rules.contents import Dribble, bits, judge
from tests.world.bodies import course_zip, png, redis_backup
from tests.world.crc64 import crc64

VALUES = {b"stats": b"17", b"a key of some length": b"a value of some length", b"": b"x"}
SOUND = redis_backup(VALUES)
RULE = RedisBackupRule()


def chunk(key: bytes, value: bytes, version: int = 11) -> bytes:
    body = value + struct.pack("<H", version)
    dump = body + struct.pack("<Q", crc64(body))
    return struct.pack(">I", len(key)) + key + struct.pack(">I", len(dump)) + dump


def large(count: int = 400) -> bytes:
    return redis_backup({b"key:%d" % number: b"value %d" % number for number in range(count)})


def borders(body: bytes) -> list[int]:
    return [one.offset for one in chunks(Exact(io.BytesIO(body), "", len(body)))]


@pytest.mark.parametrize("body", [b"", SOUND, large()], ids=["empty", "small", "large"])
@pytest.mark.parametrize("depth", list(Depth))
def test_a_sound_backup_passes(body: bytes, depth: Depth) -> None:
    assert judge(RULE, body, depth).problems == []


def test_a_stream_may_give_little_at_a_time() -> None:
    assert judge(RULE, SOUND, opened=lambda body: cast(io.BytesIO, Dribble(body))).problems == []


def test_every_flipped_bit_is_seen_but_those_of_keys() -> None:
    """Keys are covered by no checksum."""
    keys = {at for one in _spans(SOUND) for at in one}
    unseen = {at for at, flipped in bits(SOUND, range(len(SOUND))) if not judge(RULE, flipped).problems}
    assert unseen <= keys


def _spans(body: bytes) -> list[range]:
    found, at = [], 0
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        found.append(range(at + 4, at + 4 + length))
        (dump,) = struct.unpack_from(">I", body, at + 4 + length)
        at += 8 + length + dump
    return found


def test_every_cut_is_seen_but_those_between_chunks() -> None:
    unseen = {length for length in range(len(SOUND)) if not judge(RULE, SOUND[:length]).problems}
    assert unseen == set(borders(SOUND))


@pytest.mark.parametrize("length", [0, 1, 4, 11, 40, len(SOUND) - 1])
def test_a_body_that_ends_early_is_no_fault_of_the_file(length: int) -> None:
    with pytest.raises(ObjectUnreadable) as caught:
        judge(RULE, SOUND[:length], size=len(SOUND))
    assert not caught.value.refused


def test_the_first_fault_is_named_and_the_others_counted() -> None:
    body = chunk(b"a", b"\x00\x01x") + chunk(b"b", b"\x00\x01y", version=5) + chunk(b"c", b"\x00\x01z")
    body = body[:-1] + b"\xff"
    second = len(chunk(b"a", b"\x00\x01x")) + 9
    judged = judge(RULE, body)
    assert judged.subjects == [str(second)]
    assert judged.text == (
        f"At byte {second}, the dump of key number 2 has the RDB version 5 in its footer; expected 6 to 255 "
        "(3 whole chunks; 1 more faults behind it)."
    )


def test_what_cannot_be_followed_ends_the_walk() -> None:
    body = SOUND + struct.pack(">I", 4_000_000_000)
    judged = judge(RULE, body)
    assert judged.subjects == [str(len(SOUND))]
    assert "only 4 bytes" not in judged.text
    assert "a key of 4,000,000,000 bytes is announced; expected 0 or less, by what is left" in judged.text
    assert "nothing behind it can be read (3 whole chunks)" in judged.text


def test_keys_that_come_twice_are_counted_and_no_fault() -> None:
    twice = chunk(b"a", b"\x00\x01x") * 3
    assert judge(RULE, twice).problems == []
    assert "(3 whole chunks; 2 keys came before)" in judge(RULE, twice + b"\0").text


def test_no_key_and_no_value_is_shown() -> None:
    judged = judge(RULE, chunk(b"secret key", b"\x00\x06secret")[:-1] + b"\0")
    assert judged.problems
    assert "secret" not in judged.text


@pytest.mark.parametrize("version", [6, 9, 10, 11, 12, 13, 80])
def test_dumps_of_other_versions_of_redis_pass(version: int) -> None:
    assert judge(RULE, chunk(b"a", b"\x00\x01x", version)).problems == []


def test_a_checksum_of_zero_is_no_way_out() -> None:
    assert judge(RULE, chunk(b"a", b"\x00\x01x")[:-8] + bytes(8)).problems


@pytest.mark.parametrize("body", [png("x", 300, 10, 10), course_zip(["A"], "x"), b"<html>503</html>"])
@pytest.mark.parametrize("depth", list(Depth))
def test_files_of_other_kinds_are_none(body: bytes, depth: Depth) -> None:
    assert judge(RULE, body, depth).subjects == ["0"]


def test_headers_read_the_first_chunks_and_the_last_footer() -> None:
    body = large()
    judged = judge(RULE, body, Depth.HEADERS)
    assert judged.read == [(0, HEADER_BYTES), (len(body) - 10, 10)]
    seen = [judge(RULE, body[:length], Depth.HEADERS).problems for length in range(len(body) - 60, len(body))]
    assert sum(map(bool, seen)) > 50
    flipped = body[:60] + bytes([body[60] ^ 1]) + body[61:]
    assert judge(RULE, flipped, Depth.HEADERS).problems
    assert judge(RULE, body[:5000] + b"\0" + body[5001:], Depth.HEADERS).problems == []


def test_a_large_value_takes_little_memory() -> None:
    """24 MB in one dump, and as much in a key."""
    huge = bytes(24 << 20)
    body = struct.pack(">I", len(huge)) + huge + chunk(b"", b"\0")[4:] + struct.pack(">II", 0, len(huge)) + huge
    tracemalloc.start()
    stream = io.BytesIO(body)
    before = tracemalloc.get_traced_memory()[0]
    found = list(chunks(Exact(stream, "", len(body))))
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert [one.dump_length for one in found] == [12 - 1, len(huge)]
    assert (found[0].key, found[0].fault) == (None, None)
    assert peak < 4 << 20


def test_a_dump_that_is_wanted_is_written_down_without_its_checksum() -> None:
    kept = {b"stats": io.BytesIO()}
    list(chunks(Exact(io.BytesIO(SOUND), "", len(SOUND)), kept.get))
    assert kept[b"stats"].getvalue() == b"\x00\x0217" + struct.pack("<H", 11)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.binary(max_size=30), st.binary(min_size=1, max_size=90_000)), max_size=4))
def test_what_was_written_is_what_is_read(pairs: list[tuple[bytes, bytes]]) -> None:
    body = b"".join(chunk(key, value) for key, value in pairs)
    found = list(chunks(Exact(io.BytesIO(body), "", len(body))))
    assert [one.key for one in found] == [key for key, _ in pairs]
    assert [one.dump_length - 10 for one in found] == [len(value) for _, value in pairs]
    assert [one.fault for one in found] == [None] * len(pairs)


@given(st.binary(max_size=200))
def test_any_bytes_are_followed_or_refused(body: bytes) -> None:
    redis.one(body)
