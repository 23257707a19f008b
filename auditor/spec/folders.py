"""Keys that no template begins like: in which folder they leave the templates, and which are near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from auditor.spec.agreement import shared
from auditor.spec.diagnosis import standing
from auditor.spec.explanation import Nearby
from auditor.spec.family import Family
from auditor.spec.grammar import Exactly

MOST_NEARBY = 3
_ALIKE = 0.6  # difflib's own limit for close matches
_Likeness = tuple[float, int]


class Folders:
    """The tree of the folders that the templates' literal beginnings name."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families
        self._literals = [Exactly(family.literal) for family in families]
        # For each folder the templates below it, in the document's order, with the name that each has next.
        self._below: dict[str, dict[int, str]] = {"": {}}
        for index, family in enumerate(families):
            for folder, name in _steps(family.literal):
                self._below.setdefault(folder, {})[index] = name
        # Most unknown keys share a few unknown folders.
        self.nearby = lru_cache(maxsize=4096)(self._find_nearby)

    def unknown_from(self, key: str) -> str:
        """The beginning of the key that ends with the first folder that no template has; the whole key if none does."""
        end = key.find("/") + 1
        while end and key[:end] in self._below:
            end = key.find("/", end) + 1
        return key[:end] if end else key

    def _find_nearby(self, beginning: str) -> tuple[Nearby, ...]:
        """The nearest templates to a key that begins like this, which none does.

        Whole folders count first, then how alike the next name is, then how many characters of it agree.
        """
        found: dict[int, None] = {}
        for folder in self._known(beginning):
            below = self._below[folder]
            name = beginning[len(folder) :].partition("/")[0]
            likeness = {other: _likeness(name, other) for other in set(below.values())}
            found |= dict.fromkeys(sorted(below, key=lambda index: likeness[below[index]], reverse=True))
            if len(found) >= MOST_NEARBY:
                break
        return tuple(self._departing(beginning, index) for index in list(found)[:MOST_NEARBY])

    def _known(self, beginning: str) -> Iterator[str]:
        """The folders of the tree that the beginning lies in, the deepest first."""
        end = len(beginning)
        while end >= 0:
            if beginning[:end] in self._below:
                yield beginning[:end]
            end = beginning.rfind("/", 0, end - 1) + 1 if end else -1

    def _departing(self, beginning: str, index: int) -> Nearby:
        departure = self._literals[index].departure(beginning, 0)
        found = standing(beginning, departure.loc)
        return Nearby(self._families[index].name, departure.loc + 1, departure.expected, found, departure.reach)


def _steps(literal: str) -> Iterator[tuple[str, str]]:
    """
    >>> list(_steps("a/b/c_"))
    [('', 'a'), ('a/', 'b'), ('a/b/', 'c_')]
    """
    start = 0
    while start < len(literal):
        end = literal.find("/", start) + 1 or len(literal) + 1
        yield literal[:start], literal[start : end - 1]
        start = end


def _likeness(name: str, other: str) -> _Likeness:
    matcher = SequenceMatcher(a=other, b=name, autojunk=False)
    alike = 0.0
    if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
        alike = matcher.ratio()
    return alike if alike >= _ALIKE else 0.0, shared(other, name)
