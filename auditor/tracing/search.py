"""Which backups to look at, when looking at one costs a download. Pure: `look` does the looking.

A row may come and go more than once, so no search that skips anything can be sure. This one looks at both ends, at
places where a hint says that the row was about to come, at a few evenly spaced places if the row was in none of these,
and then between any two neighbours that disagree, half by half, until nothing readable lies between them. Between
neighbours that agree it takes all to be alike: whoever tells the result has to say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

ABSENT: Hashable = None  # the state of a backup without the row
PROBES = 8


class Unreadable(Exception):
    """Raised by `look`: this backup tells nothing."""


class Enough(Exception):
    """Raised by `look`: no more may be looked at."""


Look = Callable[[int], Hashable]
Guess = Callable[[Hashable], int | None]


@dataclass
class Looked:
    """What came out: the states by number of the backup, those that told nothing, whether it had to stop early."""

    states: dict[int, Hashable] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    stopped: bool = False

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Neighbours, of those that were read, which disagree."""
        return [(low, high) for low, high in pairwise(sorted(self.states)) if self.states[low] != self.states[high]]


def most_looks(count: int, *, probes: int = PROBES, every: bool = False) -> int:
    """How many of `count` readable backups a search looks at, at most, for a row that came once and went once."""
    if every or count < 3:
        return count
    halves = math.ceil(math.log2(count))
    return min(count, max(probes, 4) + 2 * halves + 3)


def search(
    count: int,
    look: Look,
    *,
    hints: Iterable[int] = (),
    probes: int = PROBES,
    every: bool = False,
    first_with: Guess = lambda _: None,
) -> Looked:
    """`first_with` guesses, from the state of a backup with the row, the number of the first backup that has it.

    Wrong guesses and hints cost a few looks and change no answer.
    """
    searching = _Search(count, look, first_with)
    try:
        if every:
            searching.everything()
        else:
            searching.spread([*hints], probes)
            searching.close_in()
    except Enough:
        searching.looked.stopped = True
    return searching.looked


class _Search:
    def __init__(self, count: int, look: Look, first_with: Guess) -> None:
        self._count, self._look, self._first_with = count, look, first_with
        self.looked = Looked()

    def everything(self) -> None:
        for number in range(self._count):
            self._see(number)

    def spread(self, hints: list[int], probes: int) -> None:
        """Until the row was seen: the ends, the hints, then the middle of the widest gap."""
        for number in self._ends():
            self._see(number)
        for number in hints:
            if not self._found() and 0 <= number < self._count:
                self._see(number)
        while not self._found() and len(self.looked.states) < probes:
            middle = self._in_widest_gap()
            if middle is None:
                return
            self._see(middle)

    def close_in(self) -> None:
        """Between neighbours that disagree, until nothing that can be read lies between them."""
        waiting = self.looked.edges
        while waiting:
            low, high = waiting.pop()
            middle = self._next(low, high)
            if middle is None:
                continue
            parts = [(low, middle), (middle, high)] if self._see(middle) else [(low, high)]
            waiting += [part for part in parts if self._disagree(*part)]

    def _see(self, number: int) -> bool:
        """Whether it was readable; nothing is looked at twice."""
        if number in self.looked.states:
            return True
        if number in self.looked.unread:
            return False
        try:
            self.looked.states[number] = self._look(number)
        except Unreadable:
            self.looked.unread.add(number)
            return False
        return True

    def _ends(self) -> Iterator[int]:
        """Newest and oldest; where one cannot be read, the next one inwards."""
        for numbers in (range(self._count - 1, -1, -1), range(self._count)):
            for number in numbers:
                yield number
                if number in self.looked.states:
                    break

    def _found(self) -> bool:
        return any(state is not ABSENT for state in self.looked.states.values())

    def _disagree(self, low: int, high: int) -> bool:
        return self.looked.states[low] != self.looked.states[high]

    def _in_widest_gap(self) -> int | None:
        known = sorted({*self.looked.states, *self.looked.unread})
        width, low = max(((high - low, -low) for low, high in pairwise(known)), default=(0, 0))
        return -low + width // 2 if width > 1 else None

    def _next(self, low: int, high: int) -> int | None:
        """The number to look at next between two: as guessed, else the nearest to their middle."""
        open_ = [number for number in range(low + 1, high) if number not in self.looked.unread]
        if not open_:
            return None
        if self.looked.states[low] is ABSENT and (guess := self._first_with(self.looked.states[high])) is not None:
            for number in (guess - 1, guess):
                if number in open_:
                    return number
        return min(open_, key=lambda number: abs(2 * number - low - high))
