"""How far a text agrees with a field kind: the characters with which one of its values could begin."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.spec.kinds import Kind

BASE64URL = re.compile("[A-Za-z0-9_-]*")
DIGITS = re.compile("[0-9]*")
MOST_SECONDS = 11  # digits
_HINTED = re.compile("[0-9]{9,11}(?:[^0-9/][^/]*)?|[0-9]{0,8}")
_TIME = "2000-01-01T00:00:00"  # of a beginning that can be one, what follows here makes a whole time
_OFFSET = "(?:Z|[+-](?:[0-9]{2}:[0-9]{0,2}|[0-9]{0,2}))?"
_AFTER_TIME = re.compile(f"(?:[.](?:[0-9]+{_OFFSET})?|{_OFFSET})")


def agreement(kind: Kind, text: str) -> int:
    """How many of the first characters can begin a value of the kind.

    >>> from auditor.spec.kinds import read_kind
    >>> agreement(read_kind("timestamp"), "1690000000.bak"), agreement(read_kind("isodatetime"), "2024-02-31T0")
    (10, 12)
    """
    return _READERS[kind.rung](kind, text)


def _uid(kind: Kind, text: str) -> int:
    agreed = shared(kind.prefix, text)
    return agreed if agreed < len(kind.prefix) else agreed + _counted(kind, text, agreed)


def _token(kind: Kind, text: str) -> int:
    return _counted(kind, text, 0)


def _choice(kind: Kind, text: str) -> int:
    return max(shared(option, text) for option in kind.options)


def _seconds(_: Kind, text: str) -> int:
    return min(end_of(DIGITS, text), MOST_SECONDS)


def _hinted(_: Kind, text: str) -> int:
    return end_of(_HINTED, text)


def _whole(kind: Kind, text: str) -> int:
    return end_of(kind.regex, text)


def _time(kind: Kind, text: str) -> int:
    for agrees in range(min(len(text), len(_TIME)), -1, -1):
        if kind.accepts(text[:agrees] + _TIME[agrees:]):
            break
    return end_of(_AFTER_TIME, text, agrees) if agrees == len(_TIME) else agrees


def _counted(kind: Kind, text: str, start: int) -> int:
    return min(end_of(BASE64URL, text, start) - start, kind.body)


def end_of(pattern: re.Pattern[str], text: str, start: int = 0) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def shared(literal: str, text: str) -> int:
    count = 0
    while count < len(literal) and text[count : count + 1] == literal[count]:
        count += 1
    return count


_READERS: dict[str, Callable[[Kind, str], int]] = {
    "choice": _choice,
    "isodatetime": _time,
    "uid": _uid,
    "timestamp": _seconds,
    "token": _token,
    "int": _whole,
    "timestamp(hint)": _hinted,
    "slug": _whole,
    "segment": _whole,
    "path": _whole,
}
