"""What was probably meant by a name that nothing has."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from auditor.spec.quoting import quoted

_NEIGHBOURS = 4  # on either side; what is meant shares its beginning or its end with what is written
_COMPARED = 200  # characters; comparing costs their square


class Likeness:
    """Finds the most similar of some texts, comparing only with those that begin or end alike."""

    def __init__(self, known: Iterable[str]) -> None:
        self._forwards = sorted(known)
        self._backwards = sorted(text[::-1] for text in self._forwards)

    def to(self, text: str) -> str:
        """Completes "expected …"."""
        near = [
            *_neighbours(self._forwards, text),
            *(other[::-1] for other in _neighbours(self._backwards, text[::-1])),
        ]
        if not near:
            return "none, since there is none"
        return f"one that is there, such as {quoted(max(near, key=lambda other: _ratio(text, other)))}"


def _neighbours(ordered: Sequence[str], text: str) -> Sequence[str]:
    at = bisect_left(ordered, text)
    return ordered[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]


def _ratio(text: str, other: str) -> float:
    return difflib.SequenceMatcher(None, text[:_COMPARED], other[:_COMPARED]).ratio()
