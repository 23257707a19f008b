"""What was found where a key should go on otherwise, in words that complete "found …"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.spec.agreement import BASE64URL, DIGITS, MOST_SECONDS, agreement, end_of
from auditor.spec.kinds import Kind
from auditor.spec.quoting import quoted

_MOST_CHARACTERS = 64  # of a text that is shown in a sentence
_NAME = re.compile("[A-Za-z0-9_]+_")
_FIRST_WORDS = re.compile("oseh_[A-Za-z0-9]+_", re.IGNORECASE)
_FINER_THAN_SECONDS = {13: "milliseconds", 16: "microseconds", 19: "nanoseconds"}


@dataclass(frozen=True)
class Diagnosis:
    """The first `agrees` characters can begin a value of the kind, and no more can; `found` is in words."""

    agrees: int
    found: str


def diagnose(kind: Kind, value: str) -> Diagnosis:
    """Of a value that the kind does not accept.

    >>> from auditor.spec.kinds import read_kind
    >>> diagnose(read_kind("uid(ife)"), "oseh_if_AAAAAAAAAAAAAAAAAAAAAA")
    Diagnosis(agrees=7, found='the prefix `oseh_if_`')
    >>> diagnose(read_kind("token(8)"), "mKc0l1ZpAx8Q")
    Diagnosis(agrees=11, found='12')
    """
    agrees = agreement(kind, value)
    return Diagnosis(agrees, _found(kind, value, agrees))


def standing(key: str, at: int) -> str:
    """What stands in the key from the 0-based place on, up to the next slash.

    >>> standing("a/b/c", 2), standing("a/b", 3)
    ('`b/`', 'the end of the key')
    """
    if at >= len(key):
        return "the end of the key"
    return shortened(key[at : key.find("/", at + 1) + 1 or len(key)])


def shortened(text: str) -> str:
    """The text between backquotes; of a long one the beginning."""
    return quoted(text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…")


def _found(kind: Kind, value: str, agrees: int) -> str:
    if not value:
        return "nothing"
    match kind.rung:
        case "uid" if agrees < len(kind.prefix):
            prefix = _prefix(value)
            return f"the prefix {shortened(prefix)}" if prefix else shortened(value)
        case "uid" | "token":
            return _number(kind, value)
        case "timestamp" | "timestamp(hint)":
            return _seconds(kind, value, agrees)
        case "choice":
            return shortened(value)
    return _nth(value, agrees)


def _number(kind: Kind, value: str) -> str:
    """How many base64url characters there are behind the prefix, and what comes after them."""
    start = len(kind.prefix)
    count = end_of(BASE64URL, value, start) - start
    if start + count == len(value):
        return str(count or "none")
    return f"{count}, then {_character(value[start + count])}" if count else _nth(value, start)


def _seconds(kind: Kind, value: str, agrees: int) -> str:
    digits = end_of(DIGITS, value)
    if not digits or (digits < len(value) and kind.rung == "timestamp" and digits <= MOST_SECONDS):
        return _nth(value, agrees)
    finer = _FINER_THAN_SECONDS.get(digits)
    return f"{digits} digit{'s' if digits > 1 else ''}" + (f", which look like {finer}" if finer else "")


def _prefix(value: str) -> str | None:
    """What stands where a uid's prefix would: all but the last 22 characters, or else the first words."""
    before, body = value[:-22], value[-22:]
    if _NAME.fullmatch(before) and BASE64URL.fullmatch(body):
        return before
    words = _FIRST_WORDS.match(value)
    return words[0] if words else None


def _nth(value: str, at: int) -> str:
    if at >= len(value):
        return f"nothing after {shortened(value)}"
    return f"{_character(value[at])} as the {_ordinal(at + 1)} character"


def _character(character: str) -> str:
    # A letter of another script may look exactly like the one that should be there.
    known = character.isascii() or not character.isprintable()
    return quoted(character) if known else f"{quoted(character)} (U+{ord(character):04X})"


def _ordinal(number: int) -> str:
    """
    >>> [_ordinal(number) for number in (1, 2, 3, 4, 11, 12, 21, 113)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '21st', '113th']
    """
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
