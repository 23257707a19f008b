"""What each kind takes and refuses, and that the two engines read its pattern alike."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec.kinds import LADDER, KindError, read_kind
from tests.examples import examples

UID = "oseh_ife_" + "aZ09_-" * 3 + "AAAA"

EXAMPLES = [
    ("segment", ["a", "é", "\n", " ", "a\x00b"], ["", "a/b", "/"]),
    ("path", ["a", "a/b", "/", "\n/\n"], [""]),
    ("uid(ife)", [UID], [UID[:-1], UID + "A", UID.replace("ife", "if"), UID[:-1] + "=", UID + "\n"]),
    ("uid(mal_o)", ["oseh_mal_o_" + "A" * 22], ["oseh_mal-o_" + "A" * 22]),
    ("token(4)", ["Ab_-09"], ["Ab_-0", "Ab_-099", "Ab_-0="]),
    ("token(8)", ["A" * 11], ["A" * 12]),
    ("token(16)", ["A" * 22], ["A" * 21]),
    ("int", ["0", "007", "10870331"], ["", "-1", "1.0", "٣", "1\n"]),
    ("timestamp", ["1690000000", "999999999"], ["16900", "1690000000000", "1690000000.5", "16900000٣0"]),
    ("timestamp(hint)", ["1690000000", "1690000000manual", "1690000000-x.y z"], ["1690000000/a", "1690000000000", "m"]),
    ("isodatetime", ["2024-07-18T09:30:00", "2024-07-18T09:30:00.123456", "2024-12-31T23:59:59+00:00"], []),
    (
        "isodatetime",
        ["2024-07-18T09:30:00Z"],
        ["2024-07-18", "2024-13-18T09:30:00", "2024-07-18T24:30:00", "2024-07-18T09:30:00."],
    ),
    ("slug", ["0214_round_trip-pre", "A"], ["", "a b", "a.b", "é"]),
    ("choice(png, a.b, tar gz)", ["png", "a.b", "tar gz"], ["PNG", "axb", "pn", "pngg", ""]),
    ("choice(a, ab)", ["a", "ab"], ["b"]),
    ("choice(a, ab)?", ["", "a", "ab"], ["b", "aab"]),
    ("int ?", ["", "0", "12"], ["a", "1a"]),
    ("isodatetime?", ["", "2024-07-18T09:30:00Z"], ["2024-07-18T09:30"]),
    ("path?", ["", "a", "/\n/"], []),
    ("segment?", ["", "a"], ["/", "a/"]),
    ("timestamp(hint)?", ["", "1690000000", "1690000000manual"], ["1690", "manual"]),
]


@pytest.mark.parametrize(("text", "good", "bad"), EXAMPLES)
def test_values(text: str, good: list[str], bad: list[str]) -> None:
    kind = read_kind(text)
    assert [value for value in good if not kind.accepts(value)] == []
    assert [value for value in bad if kind.accepts(value)] == []
    matched = pc.match_substring_regex(pa.array([*good, *bad], pa.string()), rf"\A{kind.pattern}\z")
    assert matched.to_pylist() == [True] * len(good) + [False] * len(bad)


def test_the_ladder_has_a_rung_for_every_kind_and_each_is_climbed() -> None:
    assert {read_kind(text).rung for text, _, _ in EXAMPLES} == set(LADDER)


@pytest.mark.parametrize(
    "text",
    ["", " ", "uid", "uid()", "uid(a b)", "uid(a-b)", "uid(a, b)", "token", "token(-1)", "token(751)", "token(x)"],
)
@pytest.mark.parametrize("tail", ["", "x"])
def test_kinds_that_are_none(text: str, tail: str) -> None:
    with pytest.raises(KindError) as caught:
        read_kind(text + (tail if text.endswith(")") else ""))
    assert 0 <= caught.value.offset <= len(text) + len(tail)


@pytest.mark.parametrize(
    "text",
    [
        "?",
        "int??",
        "?int",
        "choice?(a)",
        "uid(a?)",
        "path()",
        "slug(a)",
        "choice",
        "choice()",
        "choice(a/b)",
        "choice(a",
        "int int",
        "Int",
        "timestamp(a, b)",
    ],
)
def test_kinds_with_arguments_that_are_none(text: str) -> None:
    with pytest.raises(KindError):
        read_kind(text)


def test_blanks_in_a_kind_do_not_count() -> None:
    assert read_kind(" choice( a b ,c ) ").pattern == read_kind("choice(a b, c)").pattern == "(?:a b|c)"


@pytest.mark.parametrize("text", sorted({text.rstrip("? ") for text, _, _ in EXAMPLES}))
def test_what_may_be_empty_is_less_specific_than_what_may_not_and_more_than_the_next(text: str) -> None:
    kind, optional = read_kind(text), read_kind(f"{text}?")
    ranks = {read_kind(other).rank for other, _, _ in EXAMPLES if not other.endswith("?")}
    assert (kind.optional, optional.optional, optional.text) == (False, True, f"{text}?")
    assert kind.rank < optional.rank < min({*ranks, 99} - set(range(kind.rank + 1)))
    assert optional.accepts("")
    assert not kind.accepts("")


def test_the_words_of_what_may_be_empty() -> None:
    assert read_kind("int?").words == "decimal digits, or nothing at all"


alphabet = st.text(st.sampled_from("0123456789abZTosehc_-:.+/\n é"), max_size=34)


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from([text for text, _, _ in EXAMPLES]), st.data())
def test_the_greedy_match_is_the_longest_and_closed_kinds_are_closed(text: str, data: st.DataObject) -> None:
    kind = read_kind(text)
    good = [value for name, values, _ in EXAMPLES if name == text for value in values]
    key = data.draw(st.sampled_from(["", *good])) + data.draw(alphabet)
    valid = [end for end in range(len(key) + 1) if kind.accepts(key[:end])]
    match = kind.regex.match(key)
    assert (match.end() if match else None) == (max(valid) if valid else None)
    if kind.closed and valid:
        assert valid == list(range(not kind.optional, max(valid) + 1))
