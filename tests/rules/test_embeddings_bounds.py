"""Ruined files say so briefly; lengths come from the row, from custom, or from the file."""

from __future__ import annotations

import random
from typing import Any

import pytest

from rules.embeddings.layout import Layout, stated
from rules.embeddings.ledger import LIMIT
from tests.rules.embedding_files import EmbeddingFile, check, codes, judge, numbered


def test_beyond_the_limit_of_one_code_one_problem_counts_the_rest() -> None:
    file = numbered(1_350)
    file.vectors[50:] = 0
    file.journeys.clear()
    problems = check(file)
    assert codes(problems) == ["EMB007"] * (LIMIT + 1) + ["EMB009"] * (LIMIT + 1)
    assert problems[LIMIT].message.startswith("1,250 more problems of this kind are in the file")
    assert problems[-1].message.startswith("1,200 more problems of this kind are in the file")
    assert problems[-1].subject == "more"
    assert len({problem.subject for problem in problems[: LIMIT + 1]}) == LIMIT + 1


def test_exactly_the_limit_needs_no_summary() -> None:
    file = numbered(LIMIT)
    file.vectors[:] = 0
    assert codes(check(file)) == ["EMB009"] * LIMIT


@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("size", [100_000, 3_000_000, 24_608 * 40])
def test_garbage_is_called_so_once(size: int, rows: bool) -> None:
    content = random.Random(size).randbytes(size)
    facts = numbered(2, dimensions=3072).facts(rows=rows)
    object.__setattr__(facts, "size", size)
    problems = judge(content, facts)
    length = ["EMB001"] if size % 24_608 or rows else []
    assert codes(problems) == [*length, "EMB003", *(["EMB005"] if rows else [])]
    assert problems[len(length)].message.startswith("No journey uid is anywhere in the first ")


def test_garbage_after_a_good_beginning_stays_in_bounds() -> None:
    file = numbered(50, dimensions=4)
    content = file.content() + random.Random(1).randbytes(64 * 5_000)
    facts = file.facts()
    object.__setattr__(facts, "size", len(content))
    problems = judge(content, facts)
    assert len(problems) <= 9 * (LIMIT + 1)
    assert len({(problem.code, problem.subject) for problem in problems}) == len(problems)


@pytest.mark.parametrize("uid_length", [32, 36])
@pytest.mark.parametrize("dimensions", [1, 7, 1536, 3072])
def test_without_a_row_the_length_is_found_in_the_file(uid_length: int, dimensions: int) -> None:
    file = numbered(12, dimensions, uid_length)
    assert check(file, rows=False) == []
    file.fields[0] = b"?" * uid_length
    file.fields[7] = b"?" * uid_length
    assert codes(check(file, rows=False)) == ["EMB003", "EMB003"]
    file.tail = b"!"
    (problem, *_) = check(file, rows=False)
    source = "the usual length" if file.record_length == 24_608 else "the length found in the file"
    assert f"records of {file.record_length:,} bytes ({source}) with 1 left over" in problem.message


def test_a_single_record_without_a_row_is_measured_by_the_usual_length() -> None:
    assert check(numbered(1, dimensions=3072), rows=False) == []
    assert check(numbered(1, dimensions=8, uid_length=36), rows=False) == []  # its uid stands where no usual one does
    cut = numbered(1, dimensions=3072)
    cut.cut = 8
    assert codes(check(cut, rows=False)) == ["EMB001"]


def test_a_single_record_whose_uid_is_broken_is_still_looked_at() -> None:
    file = numbered(1, dimensions=3072)
    file.fields[0] = bytes(32)
    file.vectors[:] = 0
    problems = check(file)
    assert [(problem.code, problem.subject) for problem in problems] == [("EMB003", "record 0"), ("EMB009", "record 0")]


@pytest.mark.parametrize(
    "row",
    [
        {"embedding_byte_length": 24},
        {"embedding_byte_length": 40},
        {"journey_uid_byte_length": 36},
        {"journey_uid_byte_length": 0},
        {"journey_uid_byte_length": -32},
        {"embedding_byte_length": 33},
        {"embedding_byte_length": None},
        {"embedding_byte_length": "32"},
        {"embedding_byte_length": "\x1b[2J"},
    ],
)
def test_a_row_with_wrong_lengths_is_accused_once_and_the_file_is_read_by_its_own(row: dict[str, Any]) -> None:
    file = numbered(20, dimensions=4)
    file.row |= row
    (problem,) = check(file)
    assert (problem.code, problem.subject) == ("EMB001", "lengths")
    assert "the file was read by records of 64 bytes, the length found in the file" in problem.message
    assert problem.message.isprintable()
    file.vectors[3] = 0
    assert codes(check(file)) == ["EMB001", "EMB009"]


def _broken_tenth(file: EmbeddingFile) -> EmbeddingFile:
    for record in range(10):
        file.fields[record] = b"?" * 32
    return file


def test_a_row_is_believed_even_if_most_uids_are_broken() -> None:
    problems = check(_broken_tenth(numbered(12, dimensions=4)))
    assert codes(problems) == ["EMB003"] * 10
    assert [problem.subject for problem in problems] == [f"record {number}" for number in range(10)]


def test_a_broken_uid_in_the_middle_does_not_double_the_length() -> None:
    file = numbered(3, dimensions=4)
    file.fields[1] = b"?" * 32
    assert codes(check(file, rows=False)) == ["EMB003"]
    for record in (1, 2):
        file = numbered(4, dimensions=4)
        file.fields[record] = b"?" * 32
        assert codes(check(file, rows=False)) == ["EMB003"]


def test_half_a_length_is_not_believed_though_it_fills_the_file() -> None:
    file = numbered(10, dimensions=12)  # records of 128 bytes; 64 would leave 32 for an embedding, too
    file.cut = 64
    (problem,) = check(file, rows=False)
    assert problem.message.startswith(
        "The file's 1,216 bytes are 9 records of 128 bytes (the length found in the file)"
    )


def test_lengths_that_no_record_can_have_are_not_tried() -> None:
    assert stated(32, 24_576) == Layout(32, 24_576, "the length by the row")
    impossible = [(28, 8), (32, 0), (32, -8), (32, 12), (32, 1 << 40), (1 << 20, 8), (None, 8), (32, "8"), (32.0, 8)]
    assert [stated(*lengths) for lengths in impossible] == [None] * len(impossible)
    file = numbered(1, dimensions=4)
    file.tail = b"!"
    file.row["embedding_byte_length"] = 33
    assert codes(check(file)) == ["EMB001", "EMB001"]
