"""Numbers, times and long keys as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

_STEPS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def number(amount: int) -> str:
    return f"{amount:,}"


def counted(amount: int, noun: str) -> str:
    """
    >>> counted(1, "error"), counted(1200, "error")
    ('1 error', '1,200 errors')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def spared(amount: int) -> str:
    """
    >>> spared(1), spared(2)
    ('rests on a backup and does not fail the run', 'rest on a backup and do not fail the run')
    """
    return "rests on a backup and does not fail the run" if amount == 1 else "rest on a backup and do not fail the run"


def listed(words: list[str]) -> str:
    """
    >>> listed([]), listed(["a"]), listed(["a", "b", "c"])
    ('', 'a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def duration(seconds: float) -> str:
    """The two largest units.

    >>> duration(0.4), duration(125), duration(86_400), duration(5_520)
    ('0 s', '2 min 5 s', '1 d', '1 h 32 min')
    """
    left, words = int(seconds), []
    for unit, length in _STEPS:
        amount, left = divmod(left, length)
        if amount:
            words.append(f"{amount} {unit}")
    return " ".join(words[:2]) or "0 s"


def seconds(start: str, end: str) -> float:
    """How long from one ISO time to another; never negative."""
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def span(start: str, end: str) -> str:
    """The same in words."""
    return duration(seconds(start, end))


def clock(moment: str) -> str:
    """
    >>> clock("2026-01-02T03:04:05.678Z")
    '2026-01-02 03:04:05 UTC'
    """
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S UTC")


def minute(moment: str) -> str:
    """
    >>> minute("2026-01-02T03:04:05.678Z")
    '2026-01-02 03:04 UTC'
    """
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC")


def days(first: str, last: str) -> str:
    """
    >>> days("2026-01-02T03:04:05Z", "2026-01-02T23:04:05Z"), days("2026-01-02T03:04:05Z", "2026-02-03T04:05:06Z")
    ('2026-01-02', '2026-01-02 to 2026-02-03')
    """
    return " to ".join(dict.fromkeys((first[:10], last[:10])))


def shorten(text: str, width: int, measure: Callable[[str], int] = len) -> str:
    """At most `width` wide; what is left out is left out in the middle, since keys differ at both ends.

    >>> shorten("abcdefghij", 5), shorten("abc", 5)
    ('ab…ij', 'abc')
    """
    if measure(text) <= width:
        return text
    head, tail = "", ""
    for front, back in zip(text, reversed(text), strict=True):
        if measure(head + front + tail) >= width:
            break
        head += front
        if measure(head + back + tail) >= width:
            break
        tail = back + tail
    return f"{head}…{tail}"
