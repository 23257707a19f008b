"""Sets of characters, and which character of a set people like best to read."""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_QUOTES = "\"'`"
_RATHER = (  # the earlier group the better; what is in none of them comes last
    frozenset(string.ascii_lowercase),
    frozenset(string.digits),
    frozenset(string.ascii_letters + string.punctuation) - frozenset(_QUOTES),
    frozenset(_QUOTES + " "),
)


@dataclass(frozen=True)
class Chars:
    """`ranges` of code points, both ends included, ascending and apart."""

    ranges: tuple[tuple[int, int], ...]

    def __and__(self, other: Chars) -> Chars:
        pairs = ((max(a, c), min(b, d)) for a, b in self.ranges for c, d in other.ranges)
        return Chars(tuple(sorted((low, high) for low, high in pairs if low <= high)))

    def __invert__(self) -> Chars:
        """All other characters that UTF-8 can write, which surrogates are not."""
        gaps, low = [], 0
        for first, last in self.ranges:
            gaps.append((low, first - 1))
            low = last + 1
        return Chars((*((a, b) for a, b in gaps if a <= b), (low, _LAST))) & ANY


@dataclass(frozen=True)
class Choice:
    """One character for people: `weight` is its length in UTF-8, `dislike` 0 for the most readable."""

    character: str
    weight: int
    dislike: int


_LAST = 0x10FFFF
ANY = Chars(((0, 0xD7FF), (0xE000, _LAST)))


def of(ranges: Iterable[tuple[str, str]]) -> Chars:
    """
    >>> of([("a", "b"), ("c", "d"), ("b", "b"), ("x", "x")])
    Chars(ranges=((97, 100), (120, 120)))
    """
    merged: list[tuple[int, int]] = []
    for low, high in sorted((ord(low), ord(high)) for low, high in ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Chars(tuple(merged))


@lru_cache(maxsize=65_536)
def choose(first: Chars, second: Chars) -> Choice | None:
    """The shortest and then most readable character of both sets; None if they share none.

    >>> choose(of([("A", "z")]), of([("0", "b")])).character
    'a'
    """
    common = (first & second).ranges
    if not common:
        return None
    ascii_ones = [chr(code) for low, high in common for code in range(low, min(high, 127) + 1)]
    if not ascii_ones:
        character = chr(common[0][0])
        return Choice(character, len(character.encode()), len(_RATHER))
    character = min(ascii_ones, key=lambda one: (dislike(one), one))
    return Choice(character, 1, dislike(character))


def dislike(character: str) -> int:
    return next((rung for rung, group in enumerate(_RATHER) if character in group), len(_RATHER))
