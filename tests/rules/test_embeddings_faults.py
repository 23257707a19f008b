"""One fault in, one code out; and no damaged byte that a checksum would not show."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.rules.embedding_files import ALPHABET, EmbeddingFile, build, check, codes, judge, numbered

uids = st.text(ALPHABET, min_size=22, max_size=22).map(lambda body: f"oseh_j_{body}")
files = st.builds(
    build,
    st.lists(uids, unique=True, min_size=5, max_size=30).map(sorted),
    dimensions=st.integers(1, 12),
    uid_length=st.sampled_from([32, 36]),
    seed=st.integers(0, 99),
)


@settings(deadline=None)
@given(files, st.booleans(), st.booleans())
def test_a_valid_file_gives_nothing(file: EmbeddingFile, rows: bool, settled: bool) -> None:
    assert check(file, rows=rows, settled=settled) == []


def test_a_valid_file_of_the_usual_lengths_gives_nothing() -> None:
    for count in (1, 2, 100):
        file = numbered(count, dimensions=3072)
        assert check(file) == check(file, rows=False) == []


def _cut(file: EmbeddingFile, at: int) -> None:
    file.cut = 1 + at % (file.record_length - 1)


def _tail(file: EmbeddingFile, at: int) -> None:
    file.tail = b"\1" * (1 + at % (file.record_length - 1))


def _set_field(change: Callable[[bytes], bytes]) -> Callable[[EmbeddingFile, int], None]:
    def plant(file: EmbeddingFile, at: int) -> None:
        record = at % len(file.fields)
        file.fields[record] = change(file.fields[record])

    return plant


def _set_number(*values: float) -> Callable[[EmbeddingFile, int], None]:
    def plant(file: EmbeddingFile, at: int) -> None:
        file.vectors.flat[at % file.vectors.size] = values[at % len(values)]

    return plant


def _scale(factor: float) -> Callable[[EmbeddingFile, int], None]:
    def plant(file: EmbeddingFile, at: int) -> None:
        file.vectors[at % len(file.vectors)] *= factor

    return plant


def _repeat(file: EmbeddingFile, at: int) -> None:
    record = at % (len(file.fields) - 1)
    file.fields[-1] = file.fields[record]


def _append_again(file: EmbeddingFile, at: int) -> None:
    record = at % len(file.fields)
    file.fields.append(file.fields[record])
    file.vectors = np.vstack([file.vectors, file.vectors[record]])


FAULTS_IN_THE_FILE: list[tuple[str, Callable[[EmbeddingFile, int], None]]] = [
    ("EMB001", _cut),
    ("EMB001", _tail),
    ("EMB002", _set_field(lambda uid: uid.replace(b"\0", b" "))),
    ("EMB002", _set_field(lambda uid: b"0" + uid[1:])),
    ("EMB002", _set_field(lambda uid: uid.lstrip(b"\0").ljust(len(uid), b"\0"))),
    ("EMB002", _set_field(lambda uid: b"\0" + uid[3:].ljust(len(uid) - 1, b"\0"))),
    ("EMB002", _set_field(lambda uid: uid[:-5] + b"\0" + uid[-4:])),
    ("EMB003", _set_field(lambda uid: bytes(len(uid)))),
    ("EMB003", _set_field(lambda uid: uid[:-29] + b"oseh_i" + uid[-23:])),
    ("EMB003", _set_field(lambda uid: uid[:-1] + b"=")),
    ("EMB003", _set_field(lambda uid: b"\0" + uid[:-1])),
    ("EMB003", _set_field(lambda uid: uid[:-29] + b"\xff" * 29)),
    ("EMB004", _set_number(nan, inf, -inf)),
    ("EMB006", _repeat),
    ("EMB006", _append_again),
    ("EMB009", _scale(0.0)),
    ("EMB009", _scale(0.98)),
    ("EMB009", _scale(1.02)),
    ("EMB009", _scale(1e200)),
    ("EMB009", _scale(1e-200)),
    ("EMB009", _set_number(1e155, -1.7e308)),
]


def _unknown(file: EmbeddingFile, at: int) -> None:
    file.journeys.discard(file.uid(at % len(file.fields)))


def _shift_item(file: EmbeddingFile, at: int) -> None:
    item = at % len(file.items)
    offset, uid = file.items[item]
    file.items[item] = (offset + 1 + at % (file.record_length - 1), uid)


def _rename_item(file: EmbeddingFile, at: int) -> None:
    item = at % len(file.items)
    file.items[item] = (file.items[item][0], "oseh_j_notInTheFileNotInTheF")


def _far_item(file: EmbeddingFile, at: int) -> None:
    item = at % len(file.items)
    file.items[item] = (len(file.items) * file.record_length * (1 + at), file.items[item][1])


def _negative_item(file: EmbeddingFile, at: int) -> None:
    item = at % len(file.items)
    file.items[item] = (-1 - at, file.items[item][1])


def _drop_item(file: EmbeddingFile, at: int) -> None:
    del file.items[at % len(file.items)]


def _drop_record(file: EmbeddingFile, at: int) -> None:
    file.cut = file.record_length


FAULTS_AGAINST_ROWS: list[tuple[str, Callable[[EmbeddingFile, int], None]]] = [
    ("EMB001", _drop_item),
    ("EMB001", _drop_record),
    ("EMB007", _unknown),
    ("EMB008", _shift_item),
    ("EMB008", _rename_item),
    ("EMB008", _far_item),
    ("EMB008", _negative_item),
]


@pytest.mark.parametrize(("code", "plant"), FAULTS_IN_THE_FILE)
@settings(max_examples=examples(20), deadline=None)
@given(files, st.integers(0, 10_000))
def test_a_fault_in_the_file_gives_its_code(
    code: str, plant: Callable[[EmbeddingFile, int], None], file: EmbeddingFile, at: int
) -> None:
    plant(file, at)
    assert codes(check(file, rows=False)) == [code]
    assert codes(check(file)) == [code]
    assert codes(check(file, settled=False)) == [code]
    assert codes(check(file, sealed=True)) == sorted([code, "EMB005"])


@pytest.mark.parametrize(("code", "plant"), FAULTS_AGAINST_ROWS)
@settings(max_examples=examples(20), deadline=None)
@given(files, st.integers(0, 10_000))
def test_a_fault_against_the_rows_gives_its_code_once_settled(
    code: str, plant: Callable[[EmbeddingFile, int], None], file: EmbeddingFile, at: int
) -> None:
    plant(file, at)
    assert codes(check(file)) == [code]
    assert codes(check(file, settled=False)) == []
    assert codes(check(file, rows=False)) == []


@settings(max_examples=examples(200), deadline=None)
@given(files, st.data())
def test_one_flipped_bit_anywhere_is_seen(file: EmbeddingFile, data: st.DataObject) -> None:
    content = bytearray(file.content())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert "EMB005" in codes(judge(bytes(content), file.facts(sealed=True))), "the checker is broken"


@pytest.mark.parametrize("byte", [0, 31, 32, 24_607, 24_608, 24_608 * 50 + 3, 24_608 * 99 + 24_607])
def test_one_flipped_bit_is_seen_in_whichever_chunk_it_is(byte: int) -> None:
    file = numbered(100, dimensions=3072)
    content = bytearray(file.content())
    content[byte] ^= 1
    assert "EMB005" in codes(judge(bytes(content), file.facts())), "the checker is broken"


@settings(deadline=None)
@given(files, st.binary(max_size=40))
def test_any_bytes_for_a_uid_give_short_printable_text_and_distinct_subjects(file: EmbeddingFile, junk: bytes) -> None:
    for record in range(1, len(file.fields), 2):
        file.fields[record] = (junk * 40)[: file.uid_length].ljust(file.uid_length, b"{")
    problems = check(file)
    assert all(problem.message.isprintable() and len(problem.message) < 300 for problem in problems)
    assert len({(problem.code, problem.subject) for problem in problems}) == len(problems)


@pytest.mark.parametrize(
    ("change", "code", "subject", "message"),
    [
        (
            lambda uid: b"\0\0 " + uid[3:],
            "EMB002",
            "uid",
            "has a uid field that has other bytes than NUL before its uid",
        ),
        (lambda uid: uid[3:] + b"\0\0\0", "EMB002", "uid", "has a uid field that has other bytes after its uid"),
        (lambda uid: uid[:9] + b"\0" + uid[10:], "EMB002", "record 2", "has NUL bytes elsewhere than on the left"),
        (lambda _: bytes(32), "EMB003", "record 2", "has a uid field that is empty"),
        (lambda _: b"\0\0\0=cmd{0}" + b"<b>" * 7 + b"!", "EMB003", "record 2", "holds =cmd{0}<b><b><b><b><b><b><b>!;"),
        (lambda _: b"\xc3\xa9" * 16, "EMB003", "record 2", "has a uid field that holds 32 bytes that are no text;"),
        (lambda _: b"\x1b[2J" * 8, "EMB003", "record 2", "has a uid field that holds 32 bytes that are no text;"),
    ],
)
def test_a_uid_field_is_described(change: Callable[[bytes], bytes], code: str, subject: str, message: str) -> None:
    file = numbered(5)
    expected = file.uid(2) if subject == "uid" else subject
    file.fields[2] = change(file.fields[2])
    (problem,) = check(file)
    assert (problem.code, problem.subject) == (code, expected)
    assert problem.message.startswith(f"Record 2 (byte 128{', ' + expected if subject == 'uid' else ''}) ")
    assert message in problem.message
    assert problem.message.endswith("3 NUL bytes, then oseh_j_ and 22 characters of A-Z, a-z, 0-9, - and _.")


@pytest.mark.parametrize(
    ("factor", "length"),
    [(0.5, "of length 0.5"), (1e200, "of length 1e+200"), (1e-200, "of length 1e-200"), (0, "that is all zero")],
)
def test_the_length_of_a_vector_is_told_even_where_its_square_is_no_number(factor: float, length: str) -> None:
    file = numbered(5)
    file.vectors[2] *= factor
    (problem,) = check(file)
    place = f"Record 2 (byte 128, {file.uid(2)}) has an embedding"
    assert problem.message == f"{place} {length}; expected length 1, give or take 0.01."


def test_numbers_that_are_not_finite_are_counted_and_placed_but_not_shown() -> None:
    file = numbered(5)
    file.vectors[2, 1:3] = nan, inf
    (problem,) = check(file)
    there = "holds NaN or infinity in 2 of its 4 numbers, first at position 1"
    assert problem.message == f"Record 2 (byte 128, {file.uid(2)}) {there}; expected finite numbers."


def test_one_journey_with_the_same_fault_in_several_records_is_one_problem() -> None:
    file = numbered(6)
    file.vectors[2:5] = 0
    file.fields[3] = file.fields[4] = file.fields[2]
    problems = check(file)
    assert [(problem.code, problem.subject) for problem in problems] == [
        ("EMB006", file.uid(2)),
        ("EMB009", file.uid(2)),
    ]
    assert [problem.message[:8] for problem in problems] == ["Record 3", "Record 2"]
