"""Two spellings in words: both keys so that a person can read them, and what tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, takewhile
from typing import Literal
from unicodedata import combining, is_normalized

from auditor.text import printable
from rules.references.spelling import Way

_FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


def named(key: str) -> str:
    """
    >>> named("a\\x1b[2Jb")
    '`a\\\\x1b[2Jb`'
    """
    return f"`{printable(key)}`"


def differences(ways: Sequence[Way], found: str, row: str) -> str:
    """The ways in a list; of Unicode forms, which look alike, also the first difference in code points.

    >>> differences([Way.SLASHES, Way.CASE], "a//B", "a/b")
    'slashes and case'
    >>> differences([Way.UNICODE], "e\\u0301", "\\u00e9")
    'Unicode form (the object NFD, the row NFC; at character 1 U+0065 U+0301 and U+00E9)'
    """
    words = [f"{way} ({_forms(found, row)})" if way is Way.UNICODE else str(way) for way in ways]
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _forms(found: str, row: str) -> str:
    at = next(n for n in count() if found[n : n + 1] != row[n : n + 1])
    return (
        f"the object {_form(found)}, the row {_form(row)}; "
        f"at character {at + 1} {_code_points(found[at:])} and {_code_points(row[at:])}"
    )


def _form(key: str) -> str:
    return next((form for form in _FORMS if is_normalized(form, key)), "in no normal form")


def _code_points(text: str) -> str:
    """The first character and what belongs to it."""
    marks = takewhile(combining, text[1:])
    return " ".join(f"U+{ord(character):04X}" for character in [*text[:1], *marks]) or "nothing"
