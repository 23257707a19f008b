"""Text for people: keys that may hold anything, sizes, times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_BIDI_AND_SEPARATORS = frozenset("\u2028\u2029\u200b\u200e\u200f\u061c\ufeff") | {
    chr(code) for start, stop in ((0x202A, 0x202F), (0x2066, 0x206A)) for code in range(start, stop)
}


def printable(text: str) -> str:
    """The text with every character that could move a cursor or hide another written as an escape.

    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    pieces = printable_pieces(text)
    return pieces if isinstance(pieces, str) else "".join(pieces)


def printable_pieces(text: str) -> Sequence[str]:
    """What `printable` makes of each character."""
    if text.isprintable() and not _BIDI_AND_SEPARATORS.intersection(text):
        return text
    return [_escaped(character) for character in text]


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable() and character not in _BIDI_AND_SEPARATORS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def human_bytes(size: int) -> str:
    """
    >>> human_bytes(999), human_bytes(24608), human_bytes(7_210_144)
    ('999 B', '24.6 kB', '7.2 MB')
    """
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(amount) < 999.5:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} PB"


def isoformat(moment: datetime) -> str:
    """
    >>> isoformat(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def share(part: int, whole: int) -> str:
    """The part in percent; what is neither nothing nor everything never looks like it.

    >>> share(1, 3), share(1, 10**6), share(10**6 - 1, 10**6), share(0, 5), share(0, 0)
    ('33.3 %', '<0.1 %', '>99.9 %', '0 %', '–')
    """
    if not whole:
        return "–"
    if part in (0, whole):
        return "0 %" if not part else "100 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "<0.1 %"
    return ">99.9 %" if percent > 99.9 else f"{percent:.1f} %"
