"""How far values agree with kinds, and what is said to be found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.spec.agreement import agreement
from auditor.spec.diagnosis import diagnose, shortened, standing
from auditor.spec.kinds import read_kind

BODY = "mKc0l1ZpAx9TqUe_4rW-7Q"

DIAGNOSES = [
    ("uid(ife)", f"oseh_ife_{BODY[:21]}", 30, "21"),
    ("uid(ife)", f"oseh_ife_{BODY}AB", 31, "24"),
    ("uid(ife)", "oseh_ife_", 9, "none"),
    ("uid(ife)", "oseh_ife_abc.d", 12, "3, then `.`"),
    ("uid(ife)", "oseh_ife_.", 9, "`.` as the 10th character"),
    ("uid(ife)", f"oseh_if_{BODY}", 7, "the prefix `oseh_if_`"),
    ("uid(ife)", f"oseh_ifes_{BODY}", 8, "the prefix `oseh_ifes_`"),
    ("uid(if)", "oseh_s3fu_abc", 5, "the prefix `oseh_s3fu_`"),
    ("uid(if)", f"OSEH_if_{BODY}", 0, "the prefix `OSEH_if_`"),
    ("uid(if)", "original", 1, "`original`"),
    ("token(8)", "mKc0l1ZpAx8Q", 11, "12"),
    ("token(8)", "mKc0l1ZpAx", 10, "10"),
    ("token(8)", "mKc0l1.ZpAx", 6, "6, then `.`"),
    ("token(8)", "é", 0, "`é` (U+00E9) as the 1st character"),
    ("token(8)", "mKc\u0430l1ZpAx8", 3, "3, then `\u0430` (U+0430)"),
    ("int", "12x", 2, "`x` as the 3rd character"),
    ("int", "1\n", 1, "`\\n` as the 2nd character"),
    ("int", "-1", 0, "`-` as the 1st character"),
    ("slug", "before release", 6, "` ` as the 7th character"),
    ("timestamp", "1690000000000", 11, "13 digits, which look like milliseconds"),
    ("timestamp", "1690000000000000", 11, "16 digits, which look like microseconds"),
    ("timestamp", "1690000000000manual", 11, "13 digits, which look like milliseconds"),
    ("timestamp", "169", 3, "3 digits"),
    ("timestamp", "1", 1, "1 digit"),
    ("timestamp", "1690000000manual", 10, "`m` as the 11th character"),
    ("timestamp", "16:00", 2, "`:` as the 3rd character"),
    ("timestamp", "manual", 0, "`m` as the 1st character"),
    ("timestamp(hint)", "1690000000000", 11, "13 digits, which look like milliseconds"),
    ("timestamp(hint)", "1690manual", 4, "4 digits"),
    ("timestamp(hint)", "manual", 0, "`m` as the 1st character"),
    ("isodatetime", "2024-07-18", 10, "nothing after `2024-07-18`"),
    ("isodatetime", "2024-07-18 09:30:00", 10, "` ` as the 11th character"),
    ("isodatetime", "2024-13-01T00:00:00", 6, "`3` as the 7th character"),
    ("isodatetime", "2024-02-30T24:00:00", 12, "`4` as the 13th character"),
    ("isodatetime", "2024-07-18T09:30:00.", 20, "nothing after `2024-07-18T09:30:00.`"),
    ("isodatetime", "2024-07-18T09:30:00.12+0x", 24, "`x` as the 25th character"),
    ("isodatetime", "yesterday", 0, "`y` as the 1st character"),
    ("choice(png, jpeg)", "jpg", 2, "`jpg`"),
    ("choice(png, jpeg)", "PNG", 0, "`PNG`"),
    ("choice(png, jpeg)", "pngs", 3, "`pngs`"),
]


@pytest.mark.parametrize(("kind", "value", "agrees", "found"), DIAGNOSES)
def test_diagnoses(kind: str, value: str, agrees: int, found: str) -> None:
    read = read_kind(kind)
    assert not read.accepts(value)
    diagnosis = diagnose(read, value)
    assert (diagnosis.agrees, diagnosis.found) == (agrees, found)


def test_the_last_character_of_a_uid_may_be_one_that_16_bytes_never_end_with() -> None:
    assert read_kind("uid(ife)").accepts(f"oseh_ife_{'A' * 21}B")


CLOSED = st.sampled_from(["uid(ife)", "token(4)", "int", "timestamp", "isodatetime", "slug", "choice(png, jpeg)"])


@given(st.data(), CLOSED, st.sampled_from(["", "é", " ", "\n", "/"]))
def test_every_beginning_of_a_value_agrees_as_far_as_it_goes(data: st.DataObject, kind: str, more: str) -> None:
    read = read_kind(kind)
    value = data.draw(st.from_regex(read.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    beginning = value[: data.draw(st.integers(0, len(value)))]
    assert agreement(read, beginning + more) == len(beginning)


@pytest.mark.parametrize(
    ("key", "at", "words"),
    [
        ("a/b/c", 1, "`/b/`"),
        ("a/b/c", 4, "`c`"),
        ("a", 1, "the end of the key"),
        ("a//b", 1, "`//`"),
        ("a\x1b[2J", 1, "`\\x1b[2J`"),
    ],
)
def test_what_stands_at_a_place(key: str, at: int, words: str) -> None:
    assert standing(key, at) == words


def test_long_texts_are_cut() -> None:
    assert shortened("a" * 64) == f"`{'a' * 64}`"
    assert shortened("a" * 65) == f"`{'a' * 63}…`"
