"""Decoding: every encoding comes back as it was written; what is damaged or hostile is refused in bounded time."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.formats.redis import crc64
from auditor.pending.chunks import copy_dumps
from auditor.pending.dump import NEWEST_VERSION
from auditor.rows.verify import Unsound
from tests.pending.making import SET, backup_of, decoded, entries, other_chunks, read
from tests.world import zsets

names = st.one_of(
    st.binary(max_size=80),
    st.integers(-(1 << 63), (1 << 63) - 1).map(lambda number: b"%d" % number),
    st.sampled_from([b"", b"-0", b"00", b"12", b"13", b"x" * 63, b"x" * 64, b"y" * 4095, b"y" * 4096, b"ab" * 9000]),
)
scores = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 53), 1 << 53).map(float)


@pytest.mark.parametrize("encoding", list(zsets.ENCODINGS))
@settings(max_examples=6, deadline=None)
@given(members=st.dictionaries(names, scores, min_size=1, max_size=30))
def test_what_is_written_is_read(encoding: str, members: dict[bytes, float]) -> None:
    written = list(members.items())
    assert decoded(zsets.dump(zsets.ENCODINGS[encoding](written))) == written


def test_a_list_among_other_chunks_and_the_same_key_twice() -> None:
    before, after = other_chunks()
    first, second = (zsets.dump(zsets.skiplist(part)) for part in (entries(5), entries(8)[3:]))
    found = read(backup_of(first, second, before=before, after=after))
    assert found.keys == [f"s3_files/k{number}" for number in range(8)]
    assert found.times == [round((1.7e9 + number + 0.5) * 1e6) for number in range(8)]
    assert found.present


def test_a_backup_without_the_list_and_an_empty_one() -> None:
    assert [read(body).present for body in (b"".join(other_chunks()), b"")] == [False, False]


def walked(path: Path, folder: Path) -> list[bytes]:
    copies = list(copy_dumps(path, SET.encode(), folder))
    bodies = [copy.read_bytes() for copy in copies]
    for copy in copies:
        copy.unlink()
    return bodies


def damaged(body: bytes) -> Iterator[bytes]:
    for at in range(len(body)):
        yield body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1 :]
    yield from (body[:end] for end in range(1, len(body)))


def test_no_bit_flips_and_nothing_is_cut_off_without_notice(tmp_path: Path) -> None:
    """Every byte flipped, every length cut off. The name of a chunk has no checksum: then the list is not there, which
    is said. A cut between two chunks is no damage: the length that was listed gives it away (test_newest.py)."""
    before, after = other_chunks()
    dump = zsets.dump(zsets.listpack(entries(3)))
    body = backup_of(dump, before=before, after=after)
    path = tmp_path / "redis.bak"
    path.write_bytes(body)
    whole = walked(path, tmp_path)
    assert whole == [dump[:-8]]
    passed = 0
    for wrong in damaged(body):
        path.write_bytes(wrong)
        try:
            found = walked(path, tmp_path)
        except Unsound:
            for copy in tmp_path.glob("*.dump"):
                copy.unlink()
            continue
        passed += 1
        between = len(wrong) in (len(before), len(body) - len(after))
        names_differ = len(wrong) == len(body)
        assert found in (whole, [])
        assert between or names_differ
    names = sum(len(name) for name in (b"stats:1", b"files:purgatory", b"files:purgatorz"))
    assert passed == names + 2


HUGE = b"\x81" + struct.pack(">Q", 1 << 40)
PAIR = b"\x01a" + struct.pack("<d", 1.5)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"\x05" + HUGE + PAIR, "cannot be decoded"),
        (b"\x05\x81" + b"\xff" * 8 + PAIR, "cannot be decoded"),
        (b"\x05\x01" + HUGE + b"a", "cannot be decoded"),
        (b"\x05\x01\xc3\x02" + HUGE + b"\x00a" + PAIR[2:], "ended with -6"),  # the library gives up its process
        (b"\x05\x01\xc3\x03\x04\x20\xff\x00" + PAIR[2:], "cannot be decoded"),
        (b"\x11\x0a\xff\xff\xff\xff\xff\x7f\xf0\xff\xff\xff", "cannot be decoded"),
        (b"\x0c\x0b" + b"\xff" * 10 + b"a", "cannot be decoded"),
        (b"\x05\x01" + PAIR + b"\x00\x01x\x01y", "more than one value"),
        (b"\x05\x01" + PAIR + b"\xfe\x01\x05\x01\x01z" + PAIR, "cannot be"),
        (b"\x05\x00", None),
        (b"\x05\x01" + PAIR[:5], "cannot be decoded"),
        (b"\x00\x01a", "no sorted set"),
        (b"\x04\x01\x01a\x01b", "no sorted set"),
    ],
)
def test_lies_with_a_right_checksum_cost_little(value: bytes, why: str | None) -> None:
    started = time.monotonic()
    if why is None:
        assert decoded(zsets.dump(value)) == []
    else:
        with pytest.raises(Unsound, match=why):
            decoded(zsets.dump(value))
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("version", [0, NEWEST_VERSION + 1, 65_535])
def test_a_version_that_nobody_knows(version: int) -> None:
    with pytest.raises(Unsound, match=f"RDB version {version}"):
        decoded(zsets.dump(zsets.skiplist(entries(1)), version=version))


@pytest.mark.parametrize("stored", [0, 1 << 64 - 1])
def test_a_checksum_that_is_left_out_is_a_wrong_one(stored: int) -> None:
    dump = zsets.dump(zsets.skiplist(entries(1)))
    with pytest.raises(Unsound, match=r"has the CRC-64 [0-9a-f]{16}; expected "):
        decoded(dump[:-8] + struct.pack("<Q", stored))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff\xff\xff\xff", "at byte 0 a key of 4,294,967,295 bytes .* expected 0 or less"),
        (
            b"\x00\x00\x00\x01k\xff\xff\xff\xff" + bytes(11),
            "at byte 5 a dump of 4,294,967,295 bytes .* expected 11 or less",
        ),
        (b"\x00\x00\x00\x01k\x00\x00\x00\x0a" + bytes(11), "at byte 5 a dump of 10 bytes .* expected 11 or more"),
        (b"\x00\x00", "at byte 0 only 2 bytes are left"),
        (b"\x00\x00\x00\x01k\x00", "at byte 0 a key of 1 bytes .* expected 0 or less"),
    ],
)
def test_lengths_that_the_file_does_not_hold(body: bytes, why: str) -> None:
    with pytest.raises(Unsound, match=why):
        read(body)


def test_the_checksum_is_that_of_redis() -> None:
    assert crc64(b"123456789") == 0xE9C6D914C4B8D9CA
    published = bytes.fromhex("00c00a0a006e9f57450eae63bb")  # DUMP of the string 10, in redis' documentation
    assert struct.pack("<Q", crc64(published[:-8])) == published[-8:]
