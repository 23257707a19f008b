"""Bounds of a range of bytes in the order of a PAD SPACE collation.

Such a collation compares as if the shorter text went on with spaces, so it departs from the order of bytes only where
one text begins another and goes on with spaces or with characters below the space.
"""

from __future__ import annotations

import re

_HIGHEST = "\U0010ffff"


def lowest(bound: bytes | None) -> bytes | None:
    """A text that is not above any text whose bytes are not below `bound`; None for no limit.

    The last character gives way to the one before it: what is not below the bound has a higher one in its place, or
    departs earlier, so nothing is left to padding.

    >>> lowest(b"a/c") == "a/b\U0010ffff".encode()
    True
    """
    text = (bound or b"").decode().rstrip("\0")
    if not text:
        return None
    before = ord(text[-1]) - 1
    return (text[:-1] + chr(0xD7FF if 0xD800 <= before <= 0xDFFF else before) + _HIGHEST).encode()


def highest(bound: bytes | None) -> bytes | None:
    """A text that is not below any text whose bytes are not above `bound`; None for no limit.

    What is not above the bound departs from it downwards, or begins it. The latter sorts above it if the bound goes on
    with a control character, and as the bound up to there does.

    >>> highest(b"a/b"), highest(b"a/b\\x0bc")
    (b'a/b', b'a/b')
    """
    return None if bound is None else re.split(rb"[\x00-\x1f]", bound, maxsplit=1)[0]
