"""MED001 and MED002: containers of sound and film, at both depths."""

from __future__ import annotations

import random
import struct
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest

from auditor.errors import ObjectUnreadable
from auditor.protocols import ContentFacts, Depth
from rules.media import MediaRules, boxes, movie, mp4, transport
from rules.media.rule import HEAD
from tests.rules.judging import UID, Bench
from tests.world import bodies

FILM, LATE = bodies.mp4("x", 9_000), bodies.mp4("x", 9_000, faststart=False)
STREAM = bodies.transport_stream("x", 60)
KEYS = {
    "mp4": f"s3_files/audio/oseh_cf_{UID}/mp4/128/AAAAAAAAAAA.mp4",
    "mpeg-ts": f"s3_files/audio/oseh_cf_{UID}/hls/AAAAAAAAAAA.ts",
    "media-original": f"s3_files/audio/originals/oseh_cf_{UID}/sound.ts-{UID}",
}


def bench(content: str, depth: Depth = Depth.FULL) -> Bench:
    return Bench(MediaRules(), content, KEYS[content], depth)


def box(kind: bytes, body: bytes = b"", large: bool = False) -> bytes:
    if large:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isommp42")
MOOV = box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak"))


@pytest.mark.parametrize("depth", Depth)
def test_sound_files_are_sound(depth: Depth) -> None:
    assert bench("mp4", depth).codes(FILM) == []
    assert bench("mpeg-ts", depth).codes(STREAM) == []
    for body in (FILM, LATE, STREAM):
        assert bench("media-original", depth).codes(body) == []


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("body", [b"", b"\x47", b"<html>503</html>", b"\x89PNG\r\n\x1a\n" + bytes(99), bytes(188 * 3)])
def test_what_is_no_media_is_told(body: bytes, depth: Depth) -> None:
    found = {content: bench(content, depth).codes(body) for content in KEYS}
    lone = body == b"\x47"  # a first byte that could be a stream's, and an original may be one
    assert found == {"mp4": ["MED001"], "mpeg-ts": ["MED001"], "media-original": [] if lone else ["MED001"]}


@pytest.mark.parametrize("depth", Depth)
def test_another_family_s_file_is_named(depth: Depth) -> None:
    assert bench("mp4", depth).messages(STREAM) == [
        "The file begins as MPEG-TS does; expected an MP4, which begins with an ftyp box."
    ]
    assert bench("mpeg-ts", depth).messages(FILM) == [
        "The file begins as MP4 or QuickTime does; expected an MPEG-TS, whose packets begin with 0x47."
    ]
    assert bench("mp4", depth).codes(b"OggS" + bytes(99)) == ["MED001"]


@pytest.mark.parametrize("depth", Depth)
def test_an_index_behind_the_samples_is_a_warning(depth: Depth) -> None:
    tested = bench("mp4", depth)
    at = LATE.index(b"moov") - 4
    words = f"The MP4 has its moov box at byte {at:,}, behind mdat; expected it before mdat."
    assert [(one.code, one.message) for one in tested.judge(LATE)] == [("MED002", words)]
    assert tested.fetched == ([(at, min(64, len(LATE) - at))] if depth is Depth.HEADERS else [])


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(
    "body",
    [
        FTYP + box(b"moov", MOOV[8:], large=True) + box(b"mdat", bytes(9_000), large=True),
        FTYP + MOOV + struct.pack(">I4s", 0, b"mdat") + bytes(9_000),
        FTYP + box(b"free") + MOOV + box(b"mdat", bytes(9_000)) + bytes(12),
        FTYP + MOOV + (box(b"moof") + box(b"mdat", bytes(20))) * 300,
        FTYP + box(b"\xa9too") + MOOV + box(b"mdat"),
        FTYP + box(b"uuid", bytes(5_000)) + MOOV + box(b"mdat", bytes(5_000)),
    ],
    ids=["large", "endless", "padded", "fragments", "copyright", "uuid"],
)
def test_boxes_come_in_every_form(body: bytes, depth: Depth) -> None:
    tested = bench("mp4", depth)
    assert (tested.codes(body), len(tested.fetched) <= 8) == ([], True)


FAULTS = {
    "cut within mdat": (FILM[:-1], "is cut off, or a size in it is wrong: its mdat box"),
    "only ftyp": (FTYP, "has no moov box"),
    "no samples": (FTYP + MOOV, "has no mdat box"),
    "size too small": (FTYP + struct.pack(">I4s", 7, b"moov") + bytes(50), "has no sound box at byte 24"),
    "large size too small": (FTYP + struct.pack(">I4sQ", 1, b"moov", 15) + bytes(50), "has no sound box at byte 24"),
    "huge": (FTYP + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + bytes(50), "has 18,446,744,073,709,551,615 bytes"),
    "no type": (FTYP + box(b"\0\1\2\3", bytes(20)), "has no sound box at byte 24"),
    "three bytes left": (FTYP + MOOV + box(b"mdat") + b"\1\2\3", "has 3 bytes at byte"),
}


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("name", FAULTS)
def test_broken_boxes_are_told_at_any_depth(name: str, depth: Depth) -> None:
    body, words = FAULTS[name]
    assert [(one.code, words in one.message) for one in bench("mp4", depth).judge(body)] == [("MED001", True)]


def with_moov(*inner: bytes) -> bytes:
    return FTYP + box(b"moov", b"".join(inner)) + box(b"mdat", bytes(50))


def track(*tables: bytes) -> bytes:
    inner = b"".join(tables)
    for kind in (b"stbl", b"minf", b"mdia", b"trak"):
        inner = box(kind, inner)
    return inner


MVHD = box(b"mvhd", bytes(100))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (with_moov(track()), "no mvhd box"),
        (with_moov(MVHD), "has no track"),
        (with_moov(MVHD, b"\0\0\0\xffjunk"), "its junk box"),
        (with_moov(MVHD, track(box(b"stco", struct.pack(">III", 0, 1, 10_000)))), "has samples at byte 10,000"),
        (with_moov(MVHD, track(box(b"co64", struct.pack(">IIQ", 0, 1, 2**63)))), "has samples at byte 9,223,"),
        (with_moov(MVHD, track(box(b"stco", struct.pack(">III", 0, 2**31, 1)))), "too short for its own entries"),
        (with_moov(MVHD, track(box(b"stco"))), "too short for its own entries"),
        (with_moov(MVHD, track(box(b"free") * (movie.BOXES + 1))), "more than 20,000 boxes in its stbl box"),
    ],
)
def test_a_look_inside_the_index_takes_the_whole_file(body: bytes, words: str) -> None:
    assert [words in message for message in bench("mp4").messages(body)] == [True]


def test_boxes_are_counted() -> None:
    assert "more than 10,000 boxes" in bench("mp4").messages(FTYP + box(b"free") * mp4.BOXES)[0]


def test_the_same_box_within_itself_ends() -> None:
    inner = b""
    for _ in range(2_000):
        inner = box(b"trak", inner)
    assert bench("mp4").codes(with_moov(MVHD, inner)) == []


@pytest.mark.parametrize("depth", Depth)
def test_cuts_anywhere_are_told(depth: Depth) -> None:
    for cut in {*range(1, 60), *random.Random(1).sample(range(60, len(FILM)), 40)}:
        assert bench("mp4", depth).codes(FILM[:cut]) == ["MED001"], cut
        assert bench("mpeg-ts", depth).codes(STREAM[:cut] or b"x") == ["MED001"] or cut % 188 == 0, cut


@pytest.mark.parametrize(
    ("position", "byte", "words"),
    [
        (188 * 50, 0x46, "has 0x46 where packet 50 begins; expected 0x47"),
        (188 * 50 + 1, 0x81, "has packet 50 marked as faulty"),
        (188 * 50 + 3, 0x1D, "lacks packets of PID 256 before packet 50"),
        (2, 1, "no packet with the table of its programmes"),
    ],
)
def test_every_packet_is_looked_at(position: int, byte: int, words: str) -> None:
    body = STREAM[:position] + bytes([byte]) + STREAM[position + 1 :]
    assert [words in message for message in bench("mpeg-ts").messages(body)] == [True]
    assert bench("mpeg-ts", Depth.HEADERS).codes(body) == []


def test_headers_look_at_the_first_packets() -> None:
    for packet, found in ((21, ["MED001"]), (22, [])):
        body = STREAM[: 188 * packet] + b"\0" + STREAM[188 * packet + 1 :]
        assert bench("mpeg-ts", Depth.HEADERS).codes(body) == found


def packet(pid: int, counter: int, payload: bool = True, anew: bool = False) -> bytes:
    field = b"\x01\x80" if anew else b"\x01\x00" if not payload else b""
    control = (0x10 if payload else 0) | (0x20 if field else 0) | counter % 16
    return (bytes([0x47, pid >> 8, pid & 0xFF, control]) + field).ljust(188, b"\xff")


PAT = packet(0, 0)


@pytest.mark.parametrize(
    ("packets", "found"),
    [
        ([packet(5, 14), packet(5, 15), packet(5, 0)], []),
        ([packet(5, 1), packet(5, 1), packet(5, 2)], []),  # one came twice
        ([packet(5, 1), packet(6, 9), packet(5, 2), packet(6, 10)], []),
        ([packet(5, 1), packet(5, 1, payload=False), packet(5, 2)], []),
        ([packet(5, 1), packet(5, 9, anew=True), packet(5, 10)], []),
        ([packet(0x1FFF, 3), packet(0x1FFF, 9)], []),
        ([packet(5, 1), packet(6, 9), packet(5, 3)], ["MED001"]),
        ([packet(5, 2), packet(5, 1)], ["MED001"]),
    ],
)
def test_counters_count_packets_with_a_payload(packets: list[bytes], found: list[str]) -> None:
    assert bench("mpeg-ts").codes(PAT + b"".join(packets)) == found


def test_counters_go_on_from_one_piece_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_MOST", 2)
    assert bench("mpeg-ts").codes(STREAM) == []
    assert bench("mpeg-ts").codes(STREAM[: 188 * 8] + STREAM[188 * 9 :]) == ["MED001"]


@pytest.mark.parametrize(
    "head",
    [
        b"ID3\4\0", b"\xff\xfb\x90\0", b"\xff\xf1\x50\x80", b"fLaC", b"OggS", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0AVI ",
        b"FORM\0\0\0\0AIFF", b"caff\0\1", b"\x1a\x45\xdf\xa3", b"\0\0\1\xba", b"FLV\1", b"#!AMR\n",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    ],
)  # fmt: skip
def test_an_original_may_be_any_container(head: bytes) -> None:
    for depth in Depth:
        assert bench("media-original", depth).codes(head + bytes(500)) == []
        assert bench("mp4", depth).codes(head + bytes(500)) == ["MED001"]


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xff", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP", b"FORM\0\0\0\0ILBM"])
def test_what_resembles_a_container_is_none(head: bytes) -> None:
    assert bench("media-original").codes(head + bytes(500)) == ["MED001"]


class Endless:
    """A film whose bytes are made when they are asked for."""

    def __init__(self, start: bytes, size: int) -> None:
        self._start = start
        self._left = size

    def read(self, count: int) -> bytes:
        count = min(count, self._left)
        self._left -= count
        data, self._start = self._start[:count], self._start[count:]
        return data.ljust(count, b"\0")


def test_memory_does_not_grow_with_the_file() -> None:
    size = 300 << 20
    start = FTYP + MOOV + struct.pack(">I4s", size - len(FTYP) - len(MOOV), b"mdat")
    tracemalloc.start()
    try:
        assert list(_judge("mp4", Endless(start, size), size)) == []
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def _judge(content: str, stream: Endless, size: int) -> Iterator[object]:
    facts = ContentFacts(KEYS[content], size, None, None, True, {}, None, content)  # type: ignore[arg-type]
    return MediaRules().check_content([cast(BinaryIO, stream)], facts)


@pytest.mark.parametrize("content", KEYS)
def test_a_body_that_breaks_off_is_unreadable_not_wrong(content: str) -> None:
    body = STREAM if content == "mpeg-ts" else FILM
    with pytest.raises(ObjectUnreadable):
        bench(content).judge(body, size=len(body) + _whole(content))


def _whole(content: str) -> int:
    """Bytes that are missing: whole packets, since a size that is no multiple tells by itself."""
    return 188 if content == "mpeg-ts" else 40


def test_boxes_of_zeros_are_no_boxes() -> None:
    with pytest.raises(boxes.Broken):
        boxes.box_at(bytes(16), 0, 16)
    assert HEAD % transport.PACKET == 0
