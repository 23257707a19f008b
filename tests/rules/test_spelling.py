"""Spellings of one key, in every composition, are found; what differs in any other way is not."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rules.references import mojibake, pair_words, recovery, spelling
from rules.references.mojibake import undone
from rules.references.spelling import Way, difference
from tests.examples import examples

Change = Callable[[str], str]

# What S3 takes: any Unicode text. Half of the examples are rich in what the changes are about.
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
RICH = st.text(
    st.sampled_from("aAbzzXx01%//+ .-_éÉßıİſçÅΩΣςﬁ²½①㎏℅日本한अ\u0301\u0327\u00a0％／＋%20C3ÃÂ©€“™"), max_size=12
)
KEYS = st.one_of(WILD, RICH, st.tuples(RICH, WILD).map("/".join))


def by_latin_1(key: str) -> str:
    return key.encode().decode("latin-1")


def by_windows_1252(key: str) -> str:
    """As browsers and most databases read it: the five bytes that have no character stay what they are."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in key.encode())


UNICODE: list[Change] = [lambda key, form=form: normalize(form, key) for form in ("NFC", "NFD")]  # type: ignore[misc]
COMPATIBLE: list[Change] = [lambda key, form=form: normalize(form, key) for form in ("NFKC", "NFKD")]  # type: ignore[misc]
CASE: list[Change] = [str.lower, str.upper, str.casefold]
PERCENT: list[Change] = [
    quote,
    quote_plus,
    lambda key: quote(key, safe=""),
    lambda key: quote(quote(key)),
    lambda key: re.sub("%..", lambda escape: escape[0].lower(), quote(key)),
    lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    lambda key: key.replace(" ", "+"),
]
SLASHES: list[Change] = [
    lambda key: f"/{key}",
    lambda key: f"{key}//",
    lambda key: key.replace("/", "//"),
    lambda key: key.strip("/"),
    # Between letters: without it, an accent would find a letter, or `%4` and `1` each other, and mean something else.
    lambda key: re.sub("(?<=[g-zG-Z])/(?=[g-zG-Z])", "", key, count=1),
]
MOJIBAKE: list[Change] = [by_latin_1, by_windows_1252]

WITHOUT_LOSS = UNICODE + PERCENT + SLASHES + MOJIBAKE
BEFORE_MOJIBAKE = UNICODE + COMPATIBLE + CASE + PERCENT + SLASHES


def changed(key: str, changes: Sequence[Change]) -> str:
    for change in changes:
        key = change(key)
    return key


def some(changes: list[Change]) -> st.SearchStrategy[list[Change]]:
    return st.lists(st.sampled_from(changes), max_size=4)


def is_a_pair(one: str, other: str) -> bool:
    ways = difference(one, other)
    assert (difference(other, one) is None) is (ways is None)
    return ways is not None


@settings(max_examples=examples(400), deadline=None)
@given(KEYS, some(BEFORE_MOJIBAKE), some(WITHOUT_LOSS))
@example("a%41", [], [quote])
@example("Ã©", [], [by_latin_1])
@example("％41", [COMPATIBLE[0]], [quote])
@example("ı", [str.upper], [])
@example("è", [], [by_latin_1, UNICODE[1]])  # its compatibility form would lose a byte
def test_every_composition_is_a_pair(key: str, first: list[Change], then: list[Change]) -> None:
    """Case and compatibility forms come before mojibake: put on top of it, they lose bytes."""
    other = changed(changed(key, first), then)
    assume(other != key)
    assume(undone(key) == key or not first)  # a name that looks like mojibake already
    assert is_a_pair(key, other), (key, other)


@settings(max_examples=examples(400), deadline=None)
@given(KEYS, some(BEFORE_MOJIBAKE))
def test_what_only_looks_like_mojibake_is_changed_in_the_other_ways_and_found(key: str, changes: list[Change]) -> None:
    other = changed(key, changes)
    assert other == key or is_a_pair(key, other)


# Letters and digits that are the same text in every spelling, so that each is itself and nothing else.
PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789_.-日本ж"


@settings(max_examples=examples(300), deadline=None)
@given(st.text(PLAIN + "/", min_size=1), st.data())
def test_another_character_is_another_key(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key) - 1))
    letter = data.draw(st.sampled_from(PLAIN))
    assume(key[at] not in (letter, "/"))
    other = changed(key[:at] + letter + key[at + 1 :], data.draw(some(WITHOUT_LOSS)))
    assert not is_a_pair(key, other), (key, other)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(PLAIN, min_size=1), st.text(PLAIN, min_size=1), st.text(PLAIN, min_size=1))
def test_a_slash_that_moved_is_another_key(one: str, two: str, three: str) -> None:
    assert not is_a_pair(f"{one}{two}/{three}", f"{one}/{two}{three}")
    assert is_a_pair(f"{one}/{two}/{three}", f"{one}{two}/{three}")


@given(KEYS)
def test_no_key_is_a_misspelling_of_itself(key: str) -> None:
    assert difference(key, key) is None


@pytest.mark.parametrize(
    ("one", "other", "ways"),
    [
        ("a/é", "a/e\u0301", [Way.UNICODE]),
        ("a/ﬁ", "a/fi", [Way.UNICODE]),
        ("a b", "a%20b", [Way.PERCENT]),
        ("a b", "a+b", [Way.PERCENT]),
        ("a b", "a%2520b", [Way.PERCENT]),
        ("a/é", "a/%E9", [Way.PERCENT]),
        ("a/b", "a%2Fb", [Way.PERCENT]),
        ("a/B", "A/b", [Way.CASE]),
        ("a/b", "/a//b/", [Way.SLASHES]),
        ("a/b", "ab", [Way.SLASHES]),
        ("a/\u0301", "a\u0301", None),
        ("a/é", "a/Ã©", [Way.MOJIBAKE]),
        ("a/é", "a/ÃƒÂ©", [Way.MOJIBAKE]),
        ("a/“", "a/â€œ", [Way.MOJIBAKE]),
        ("a/É", "/a/e%CC%81", [Way.SLASHES, Way.UNICODE, Way.CASE, Way.PERCENT]),
        ("a/é", "a/e", None),
        ("a-b", "a_b", None),
        ("a/1/23", "a/12/3", None),
        ("a", "a.", None),
        ("a/日", "a/本", None),
    ],
)
def test_the_ways_that_are_named(one: str, other: str, ways: list[Way] | None) -> None:
    found = difference(one, other)
    assert (None if found is None else list(found)) == ways
    assert difference(other, one) == found


@pytest.mark.parametrize("module", [mojibake, pair_words, recovery, spelling], ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    said = doctest.testmod(module)
    assert said.attempted
    assert not said.failed
