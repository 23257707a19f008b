"""ZIP001: directories that lie, members that were changed, and bombs that cost nothing."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import ObjectUnreadable
from auditor.protocols import Depth
from rules.archives import CourseExportRule
from rules.archives.rule import TAIL
from tests.examples import examples
from tests.fuzz import archive as fuzzed
from tests.rules.contents import Dribble, Judged, bits, judge
from tests.rules.zips import COURSE, Unseekable, archive, deflated, raw
from tests.world.bodies import mp4, redis_backup

RULE = CourseExportRule()
SOUND = archive()
BIG = archive({f"classes/{number}.mp4": hashlib.shake_128(b"%d" % number).digest(3000) for number in range(40)})


def known(body: bytes, **others: Any) -> dict[str, Any]:
    return {"course_exports": [{"sha512": hashlib.sha512(body).hexdigest()} | others]}


def checked(body: bytes, depth: Depth = Depth.FULL, **others: Any) -> Judged:
    return judge(RULE, body, depth, answers=others.pop("answers", known(body)), **others)


VARIANTS = {
    "deflated": SOUND,
    "stored": archive(method=zipfile.ZIP_STORED),
    "with sizes behind the data": archive(to=Unseekable()),
    "with a comment": archive(comment=b"made by hand"),
    "with a long comment": archive(comment=b"x" * 60_000),
    "many members": archive({f"classes/{number:04}.mp4": b"x" * number for number in range(900)}),
    "with a folder and an empty file": archive({"classes/": b"", "classes/a.mp4": b""}),
    "larger than a header": BIG,
}


@pytest.mark.parametrize("body", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("depth", list(Depth))
def test_a_sound_archive_passes(body: bytes, depth: Depth) -> None:
    assert checked(body, depth).problems == []


def test_a_large_one_of_the_zip64_form_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    body = archive()
    assert b"PK\x06\x06" in body
    for depth in Depth:
        assert checked(body, depth).problems == []


def test_a_stream_may_give_little_at_a_time() -> None:
    assert checked(SOUND, opened=lambda body: cast(io.BytesIO, Dribble(body))).problems == []


def test_every_flipped_bit_is_seen_where_the_row_has_the_checksum() -> None:
    small = archive({"meta.txt": b"exporter version: 1.0.7"})
    answers = known(small)
    assert all(checked(flipped, answers=answers).problems for _, flipped in bits(small, range(len(small))))


def test_every_flipped_bit_of_the_data_is_seen_without_a_row() -> None:
    with zipfile.ZipFile(io.BytesIO(SOUND)) as made:
        info = made.getinfo("index.html")
    start = info.header_offset + 30 + len(info.filename)
    places = range(start, start + info.compress_size - 1)  # the last byte ends in bits that mean nothing
    assert all(judge(RULE, flipped).subjects == ["members"] for _, flipped in bits(SOUND, places))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 21, 22, 30, 200, len(SOUND) // 2, len(SOUND) - 22, len(SOUND) - 1])
@pytest.mark.parametrize("depth", list(Depth))
def test_every_cut_is_seen(length: int, depth: Depth) -> None:
    assert "directory" in checked(SOUND[:length], depth).subjects


@pytest.mark.parametrize("body", [b"x" + SOUND, SOUND + b"\0" * 70_000, SOUND[4:], SOUND[:40] + SOUND[41:]])
@pytest.mark.parametrize("depth", list(Depth))
def test_bytes_too_many_or_too_few_are_seen(body: bytes, depth: Depth) -> None:
    assert judge(RULE, body, depth).problems


@pytest.mark.parametrize("body", [mp4("x", 900), redis_backup({b"a": b"b"}), b"<html>503</html>"])
@pytest.mark.parametrize("depth", list(Depth))
def test_files_of_other_kinds_are_none(body: bytes, depth: Depth) -> None:
    judged = checked(body, depth)
    assert judged.text == "The archive has no central directory that can be read (BadZipFile)."


def test_the_checksum_of_the_row_is_compared_when_all_is_read() -> None:
    answers = {"course_exports": [{"sha512": "0" * 128}]}
    judged = judge(RULE, SOUND, answers=answers)
    there = hashlib.sha512(SOUND).hexdigest()[:16]
    assert judged.text == f"The archive's SHA-512 begins with {there}; expected {'0' * 16}, as its row says."
    assert judge(RULE, SOUND, Depth.HEADERS, answers=answers).problems == []
    upper = {"course_exports": [{"sha512": hashlib.sha512(SOUND).hexdigest().upper()}, {"sha512": None}]}
    assert judge(RULE, SOUND, answers=upper).problems == []


@pytest.mark.parametrize("length", [0, 10, 500, len(BIG) - TAIL, len(BIG) - 1])
def test_a_body_that_ends_early_is_no_fault_of_the_file(length: int) -> None:
    opened = iter([io.BytesIO, lambda body: io.BytesIO(body[:length])])
    with pytest.raises(ObjectUnreadable):
        judge(RULE, BIG, opened=lambda body: next(opened)(body))  # noqa: PLW0108 - another one for each stream


def test_headers_read_the_end_and_four_bytes() -> None:
    assert checked(BIG, Depth.HEADERS).read == [(len(BIG) - TAIL, TAIL), (0, 4)]
    many = VARIANTS["many members"]
    assert sum(length for _, length in checked(many, Depth.HEADERS).read) < 3 * len(many) // 2


NAMES = ["../up", "/etc/passwd", "a/../../b", "C:\\x", "a\\b", "a\0b", "a\nb", "\x1b[2J", ""]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", list(Depth))
def test_paths_out_of_the_archive_are_seen(name: str, depth: Depth) -> None:
    data = name.encode()
    judged = judge(RULE, raw({data: (data, deflated(b"x"))}), depth)
    assert judged.subjects == ["directory"]
    assert judged.text.isprintable()


LIES: dict[str, tuple[bytes, str]] = {
    "encrypted": (raw({b"a": (b"a", deflated(b"x"))}, flags=0x801), "which is encrypted"),
    "method": (raw({b"a": (b"a", b"xyz")}, method=14), "the compression method 14"),
    "stored": (raw({b"a": (b"a", b"xyz")}, method=0, declared=9), "stored in 3 bytes; expected its 9"),
    "link": (raw({b"a": (b"a", deflated(b"/etc"))}, mode=0o120777), "a symbolic link"),
    "overlap": (raw({b"a": (b"a", deflated(b"x")), b"b": (b"b", deflated(b"y"))}, offset=0), "between its neighbours"),
    "beyond": (raw({b"a": (b"a", deflated(b"x"))}, offset=7), "belong to no file"),
    "nothing": (raw({}), "holds no file"),
    "bomb": (raw({b"a": (b"a", deflated(bytes(1000)))}, declared=1 << 31), "declares 2.1 GB of files in"),
}


@pytest.mark.parametrize(("body", "said"), LIES.values(), ids=LIES)
@pytest.mark.parametrize("depth", list(Depth))
def test_a_directory_that_cannot_be_believed(body: bytes, said: str, depth: Depth) -> None:
    judged = judge(RULE, body, depth)
    assert judged.subjects == ["directory"]
    assert said in judged.text


def test_two_files_of_one_name_are_seen() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        body = _twice()
    assert "two files of one name" in judge(RULE, body, Depth.HEADERS).text


def _twice() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for _ in range(2):
            made.writestr("a", b"x")
    return file.getvalue()


MEMBERS = {
    "another name": (raw({b"a": (b"b", deflated(b"x"))}), "whose name is another one"),
    "more than declared": (raw({b"a": (b"a", deflated(bytes(9000)))}, declared=10), "more than the 10 bytes"),
    "less than declared": (raw({b"a": (b"a", deflated(b"xyz"))}, declared=10), "unpacks to 3 bytes; expected 10"),
    "no deflate": (raw({b"a": (b"a", b"\xff\xff\xff")}, declared=10), "cannot be unpacked"),
    "no end": (raw({b"a": (b"a", deflated(b"x" * 9)[:-2])}, declared=9), "does not end where it should"),
    "more behind it": (raw({b"a": (b"a", deflated(b"xyz") + b"more")}, declared=3), "does not end where it should"),
}


@pytest.mark.parametrize(("body", "said"), MEMBERS.values(), ids=MEMBERS)
def test_members_that_are_not_what_the_directory_says(body: bytes, said: str) -> None:
    judged = judge(RULE, body)
    assert judged.subjects == ["members"]
    assert said in judged.text
    assert judge(RULE, body, Depth.HEADERS).problems == []


def test_the_first_damaged_member_is_named_and_the_others_counted() -> None:
    body = archive({"a": b"one", "b": b"two", "c": b"three"}, zipfile.ZIP_STORED)
    body = body.replace(b"one", b"0ne").replace(b"three", b"thr3e")
    assert "holds 'a', with the CRC-32" in judge(RULE, body).text
    assert "(1 more members are damaged)" in judge(RULE, body).text


def test_a_bomb_costs_little() -> None:
    """24 MB of zeros in 24 kB, and a directory of a gigabyte; what is unpacked is thrown away as it comes."""
    bomb = raw({b"a": (b"a", deflated(bytes(24 << 20)))}, declared=24 << 20)
    huge = bytearray(archive())
    end = huge.rindex(b"PK\x05\x06")
    huge[end + 12 : end + 16] = (1 << 30).to_bytes(4, "little")
    many = archive({f"{number:08}": b"" for number in range(3_000)})
    tracemalloc.start()
    for body in (bomb, bytes(huge)):
        judge(RULE, body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert judge(RULE, many + b"").problems == []


def test_a_directory_of_megabytes_is_not_fetched() -> None:
    body = raw({b"%06d" % number + b"x" * 300: (b"%06d" % number + b"x" * 300, b"\x03\x00") for number in range(4_000)})
    judged = judge(RULE, body, Depth.HEADERS)
    assert judged.text == "The archive has a central directory of more than 1.0 MB; expected less."
    assert sum(length for _, length in judged.read) < 100_000


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=40))
def test_any_overwriting_is_judged(at: int, data: bytes) -> None:
    fuzzed.one(SOUND[:at] + data + SOUND[at + len(data) :])


def test_names_of_members_are_those_of_the_course() -> None:
    with zipfile.ZipFile(io.BytesIO(SOUND)) as made:
        assert {info.filename: made.read(info) for info in made.infolist()} == COURSE
