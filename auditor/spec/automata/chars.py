"""Sets of characters, and which character of a set people like best to read."""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

_QUOTES = "\"'`"
_RATHER = (  # the earlier group the better; what is in none of them comes last
    frozenset(string.ascii_lowercase),
    frozenset(string.digits),
    frozenset(string.ascii_letters + string.punctuation) - frozenset(_QUOTES),
    frozenset(_QUOTES + " "),
)
_UGLY = 3  # from this group on
_LENGTH = 1 << 16  # more than there can be ugly characters in a key


@dataclass(frozen=True, eq=False)
class Chars:
    """`ranges` of code points, both ends included, ascending and apart. Equal sets are one object: see `of`."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Choice:
    """A character for people, the least by `order` of those that could be taken, and what it adds to a `weight`."""

    character: str
    order: tuple[int, str]
    weight: int


_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)  # which UTF-8 cannot write


def of(ranges: Iterable[tuple[str, str]], *, negated: bool = False) -> Chars:
    """
    >>> of([("a", "b"), ("c", "d"), ("b", "b"), ("x", "x")])
    Chars(ranges=((97, 100), (120, 120)))
    """
    codes = [(ord(low), ord(high)) for low, high in ranges]
    return _chars(_gaps(_merged([*codes, _SURROGATES])) if negated else _merged(codes))


@lru_cache(maxsize=65_536)
def choose(first: Chars, second: Chars) -> Choice | None:
    """The shortest and then most readable character of both sets; None if they share none.

    >>> choose(of([("A", "z")]), of([("0", "b")])).character
    'a'
    """
    pairs = ((max(a, c), min(b, d)) for a, b in first.ranges for c, d in second.ranges)
    common = sorted((low, high) for low, high in pairs if low <= high)
    if not common:
        return None
    readable = [chr(code) for low, high in common for code in range(low, min(high, 127) + 1)]
    character = min(readable or [chr(common[0][0])], key=lambda one: (_rung(one), one))
    return Choice(character, (_rung(character), character), weight(character))


@lru_cache(maxsize=4096)
def weight(text: str) -> int:
    """How bad a text is: first its length in UTF-8, which is how S3 counts, then its quotes, blanks and controls."""
    ugly = sum(_rung(character) >= _UGLY for character in text if character.isascii())
    return len(text.encode()) * _LENGTH + ugly


def length(weight: int) -> int:
    """The bytes of a text of that weight."""
    return weight // _LENGTH


@cache
def _chars(ranges: tuple[tuple[int, int], ...]) -> Chars:
    return Chars(ranges)


def _rung(character: str) -> int:
    return next((rung for rung, group in enumerate(_RATHER) if character in group), len(_RATHER))


def _merged(codes: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(codes):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _gaps(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    ends = [-1, *(high for _, high in ranges)]
    starts = [*(low for low, _ in ranges), _LAST + 1]
    return tuple((end + 1, start - 1) for end, start in zip(ends, starts, strict=True) if end + 1 < start)


NONE = of([])
ANY = of([], negated=True)
