"""Streams that dawdle, break or end early; files of any size in little memory."""

from __future__ import annotations

import io
import tracemalloc
from functools import partial
from typing import BinaryIO, cast

import pytest

from auditor.errors import AuditorError, ObjectGone, ObjectUnreadable
from auditor.protocols import Depth
from rules.embeddings import EmbeddingRules, stream
from tests.rules.embedding_files import KEY, check, codes, judge, numbered


class Dawdling(io.RawIOBase):
    """Gives at most `most` bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        self._inner = io.BytesIO(content)
        self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._inner.readinto(memoryview(buffer)[: self._most])


def dawdling(most: int, content: bytes) -> BinaryIO:
    return cast(BinaryIO, Dawdling(content, most))


class ReadOnly:
    """Has nothing but `read`, and gives less than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def read(self, count: int) -> bytes:
        return self._inner.read(min(count, 777))


class Breaking(io.RawIOBase):
    """Raises `error` after `good` bytes."""

    def __init__(self, content: bytes, good: int, error: Exception) -> None:
        self._inner = io.BytesIO(content[:good])
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._inner.readinto(buffer)
        if not count:
            raise self._error
        return count


@pytest.mark.parametrize("chunk", [1, 200, 1_000, 5_000, 1 << 20])
def test_the_result_does_not_depend_on_how_the_bytes_arrive(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    file = numbered(60, dimensions=20)
    file.vectors[7] = 0
    file.fields[31] = b" " + file.fields[31][1:]
    file.fields[59] = file.fields[2]
    file.tail = b"tail"
    expected = check(file, sealed=True)
    assert codes(expected) == ["EMB001", "EMB002", "EMB005", "EMB006", "EMB009"]
    monkeypatch.setattr(stream, "CHUNK", chunk)
    assert check(file, sealed=True) == expected
    for most in (1, 7, 191, 192, 4096):
        assert check(file, partial(dawdling, most), sealed=True) == expected
    assert check(file, lambda content: cast(BinaryIO, ReadOnly(content)), sealed=True) == expected


@pytest.mark.parametrize("missing", [1, 191, 192, 11_519, 11_520])
def test_a_stream_that_ends_early_is_not_judged(missing: int) -> None:
    file = numbered(60, dimensions=20)
    facts = file.facts()
    with pytest.raises(ObjectUnreadable, match=r"ended after [\d,]+ of 11,520 bytes") as caught:
        list(EmbeddingRules().check_content([io.BytesIO(file.content()[:-missing])], facts))
    assert caught.value.key == KEY
    assert not caught.value.refused


@pytest.mark.parametrize("error", [ObjectGone(KEY), ObjectUnreadable(KEY, "reset", refused=False)])
@pytest.mark.parametrize("good", [0, 30_000, 2_000_000])
def test_what_the_stream_raises_passes_before_anything_is_said(error: AuditorError, good: int) -> None:
    file = numbered(100, dimensions=3072)
    file.vectors[0] = 0
    broken = cast(BinaryIO, Breaking(file.content(), good, error))
    with pytest.raises(type(error)) as caught:
        next(EmbeddingRules().check_content([broken], file.facts()))
    assert caught.value is error


def test_an_empty_object_is_not_read_and_needs_no_items() -> None:
    file = numbered(0)
    assert EmbeddingRules().plan(0, Depth.FULL) == []
    assert check(file) == check(file, rows=False) == []
    file.items = [(0, None)]
    assert codes(check(file)) == ["EMB001"]
    assert check(file, settled=False) == []
    file.row["sha512"] = "0" * 128
    assert codes(check(file)) == ["EMB001", "EMB005"]


class Endless(io.RawIOBase):
    """Records of ever new journeys, made as they are read."""

    def __init__(self) -> None:
        record = bytearray(numbered(1, dimensions=3072).content())
        self._record, self._number, self._rest = record, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._record[10:32] = b"%022d" % self._number
            self._number += 1
            self._rest = memoryview(self._record)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _peak(records: int) -> int:
    facts = numbered(1, dimensions=3072).facts(rows=False)
    object.__setattr__(facts, "size", records * 24_608)
    facts.answers["embedding"] = [  # type: ignore[index]
        {"journey_uid_byte_length": 32, "embedding_byte_length": 24_576, "sha512": "0" * 128}
    ]
    tracemalloc.start()
    try:
        problems = list(EmbeddingRules().check_content([cast(BinaryIO, Endless())], facts))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert codes(problems) == ["EMB005"]


def test_memory_does_not_grow_with_the_file() -> None:
    small, large = _peak(200), _peak(2_000)
    assert small > 2_000_000  # a buffer and its numbers at least: the measure works
    assert large < 1.2 * small


def test_a_length_that_no_record_has_is_never_allocated() -> None:
    file = numbered(5)
    file.row |= {"embedding_byte_length": 1 << 40}
    assert codes(check(file)) == ["EMB001"]


def test_bytes_beyond_the_listed_size_are_left_alone() -> None:
    file = numbered(3)
    assert judge(file.content(), file.facts(), lambda content: io.BytesIO(content + b"more")) == []
