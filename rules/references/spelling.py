"""When two keys are one key in two spellings, and in which ways they differ.

`joint(key)` are the texts by which misspelt pairs find each other; `difference(one, other)` decides, exactly.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations
from unicodedata import normalize

from rules.references.mojibake import undone


class Way(StrEnum):
    """In what two spellings may differ; the value finishes the sentence "they differ in …"."""

    SLASHES = "slashes"
    UNICODE = "Unicode form"
    CASE = "case"
    PERCENT = "percent-encoding"
    MOJIBAKE = "mojibake"


EVERY = frozenset(Way)
_AS_WRITTEN = EVERY - {Way.MOJIBAKE}  # what looks like mojibake may be the true name
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SLASHES = re.compile("/+")


def canonical(key: str, ways: frozenset[Way] = EVERY) -> str:
    """The one text of all spellings that differ in these ways alone; slashes that are missing apart.

    >>> canonical("/A//B%2520c/") == canonical("a/b+C") == "a/b c"
    True
    >>> canonical("CAFE\\u0301") == canonical("caf%C3%A9") == canonical("cafÃ©") == "caf\\u00e9"
    True
    """
    return _folded(_settled(key, ways), ways)


def _folded(text: str, ways: frozenset[Way]) -> str:
    if Way.PERCENT in ways:
        text = text.replace("+", " ")
    if Way.CASE in ways:
        text = _one_case(text, ways)
    return _SLASHES.sub("/", text).strip("/") if Way.SLASHES in ways else text


def joint(key: str) -> set[str]:
    """Two spellings of one key have one of these in common."""
    texts = {_settled(key, _AS_WRITTEN)}
    if not key.isascii() or "%" in key:
        texts.add(_settled(key, EVERY))
    return {_folded(text, EVERY).replace("/", "") for text in texts}


def difference(one: str, other: str) -> tuple[Way, ...] | None:
    """The fewest ways that explain the difference of two keys; None where none do, or where there is none."""
    if one == other or joint(one).isdisjoint(joint(other)):
        return None
    return next((ways for ways in _CHOICES if _same(one, other, frozenset(ways))), None)


_CHOICES = [ways for count in range(1, len(Way) + 1) for ways in combinations(Way, count)]


def _same(one: str, other: str, ways: frozenset[Way]) -> bool:
    here, there = canonical(one, ways), canonical(other, ways)
    return here == there or (Way.SLASHES in ways and _lacks_slashes(here, there))


def _lacks_slashes(one: str, other: str) -> bool:
    """Whether one text is the other without some of its slashes; a slash that moved is another name."""
    if one.replace("/", "") != other.replace("/", ""):
        return False
    here, there = _places(one), _places(other)
    return here <= there or there <= here


def _places(text: str) -> set[int]:
    """Where slashes stand, counted in what is no slash."""
    found = (match.start() for match in re.finditer("/", text))
    return {position - number for number, position in enumerate(found)}


def _settled(text: str, ways: Iterable[Way]) -> str:
    """Decoded, undone and composed until nothing changes: what was encoded twice is decoded twice."""
    while True:
        before = text
        if Way.UNICODE in ways:
            text = normalize("NFC", text)  # mojibake is its composed form; its compatibility form loses bytes
        if Way.PERCENT in ways:
            text = _ESCAPES.sub(_unescaped, text)
        if Way.MOJIBAKE in ways:
            text = undone(text)
        if text == before and Way.UNICODE in ways:
            text = normalize("NFKC", text)
        if text == before:
            return text


def _unescaped(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("%", "")).decode(errors=_LATIN_1)


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are taken for Latin-1, as old encoders wrote it: none is lost."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_LATIN_1 = "auditor-latin-1"
codecs.register_error(_LATIN_1, _as_latin_1)


def _one_case(text: str, ways: Iterable[Way]) -> str:
    """Upper case first: some letters that fold apart share a capital."""
    while True:
        folded = text.upper().casefold()
        if Way.UNICODE in ways:
            folded = normalize("NFKC", folded)
        if folded == text:
            return text
        text = folded
