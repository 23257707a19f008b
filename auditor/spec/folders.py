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

    def names(self, key: str) -> tuple[str, ...]:
        """What templates have, in the document's order, in the folder in which the key leaves them."""
        return tuple(dict.fromkeys(self._below[self._left(key)].values()))

    def _find_nearby(self, beginning: str) -> tuple[Nearby, ...]:
        """The nearest templates to a key that begins like this, which no template does.

        Whole folders count first, then how alike the next name is, then how many characters of it agree. Where that
        says nothing about more than three templates, one is enough.
        """
        folder = self._left(beginning)
        below = self._below[folder]
        name = beginning[len(folder) :].partition("/")[0]
        likeness = {other: _likeness(name, other.rstrip("/")) for other in set(below.values())}
        order = sorted(below, key=lambda index: likeness[below[index]], reverse=True)
        near = [index for index in order if likeness[below[index]][0] or (name and below[index].startswith(name))]
        if not near:
            near = order if len(order) <= MOST_NEARBY else order[:1]
        return tuple(self._departing(beginning, index) for index in near[:MOST_NEARBY])

    def _left(self, key: str) -> str:
        """The last folder of the tree that the key, which leaves it, lies in."""
        beginning = self.unknown_from(key)
        return beginning if beginning in self._below else beginning[: beginning.rfind("/", 0, -1) + 1]

    def _departing(self, beginning: str, index: int) -> Nearby:
        departure = self._literals[index].departure(beginning, 0)
        found = standing(beginning, departure.loc)
        return Nearby(self._families[index].name, departure.loc + 1, departure.expected, found, departure.reach)


def _steps(literal: str) -> Iterator[tuple[str, str]]:
    """
    >>> list(_steps("a/b/c_"))
    [('', 'a/'), ('a/', 'b/'), ('a/b/', 'c_')]
    """
    start = 0
    while start < len(literal):
        end = literal.find("/", start) + 1 or len(literal)
        yield literal[:start], literal[start:end]
        start = end


def _likeness(name: str, other: str) -> _Likeness:
    matcher = SequenceMatcher(a=other, b=name, autojunk=False)
    alike = 0.0
    if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
        alike = matcher.ratio()
    return alike if alike >= _ALIKE else 0.0, shared(other, name)
