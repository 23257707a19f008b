"""Of the lightest texts that two automata accept the one that people like best to read.

It is walked from the starts to the end, each time by the best character that leads to a pair of states which is nearer
to the end by its weight. All pairs that the text may be in are kept, so that the answer does not depend on which
automaton is the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from auditor.spec.automata import chars
from auditor.spec.automata.automaton import START, Automaton
from auditor.spec.automata.chars import Choice, choose
from auditor.spec.automata.ensemble import Ensemble
from auditor.spec.automata.product import Allowed, Distances, distances

Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Meeting:
    """A text that both accept, and for each of its characters a pair of states that it enters."""

    text: str
    pairs: tuple[Pair, ...]


def meet(one: Automaton, other: Automaton, most: int, allowed: Allowed | None = None) -> Meeting | None:
    """The lightest and then most readable text of 1 to `most` bytes that both accept; None proves that there is none.

    `allowed` as for `distances`.
    """
    ensemble = Ensemble([other])
    found = distances(one, ensemble, [0], most, allowed)
    return walk(one, ensemble, 0, found) if found.found else None


def walk(one: Automaton, others: Ensemble, number: int, known: Distances, beginning: str = "") -> Meeting:
    """The text that `one` shares with that member of the others, which is known to be there.

    `beginning` is a literal that both automata begin with.
    """
    walker = _Walker(one, others, number, known)
    text, left = beginning, known.found[number] - chars.weight(beginning)
    start = START + len(text), START + len(text)
    frontiers = [{start: start}]
    while left:
        choice, frontier = walker.step(frontiers[-1], left)
        text += choice.character
        left -= choice.weight
        frontiers.append(frontier)
    return Meeting(text, tuple(_way(frontiers)))


def _way(frontiers: list[dict[Pair, Pair]]) -> list[Pair]:
    way: list[Pair] = []
    pair = min(frontiers[-1])
    for frontier in reversed(frontiers):
        way.append(pair)
        pair = frontier[pair]
    return way[-2::-1]


class _Walker:
    def __init__(self, one: Automaton, others: Ensemble, number: int, known: Distances) -> None:
        self._one = one
        self._other = others.members[number]
        self._offset = others.offsets[number]
        self._layers = known.layers

    def step(self, frontier: dict[Pair, Pair], left: int) -> tuple[Choice, dict[Pair, Pair]]:
        """The best character from one of the pairs, and the pairs that it leads to, each with one it comes from."""
        steps = [(choice, pair, origin) for origin in frontier for choice, pair in self._steps(origin, left)]
        if len(steps) == 1:
            return steps[0][0], {steps[0][1]: steps[0][2]}
        best = min((choice for choice, _, _ in steps), key=lambda choice: choice.order)
        return best, {pair: origin for choice, pair, origin in steps if choice.character == best.character}

    def _steps(self, origin: Pair, left: int) -> Iterator[tuple[Choice, Pair]]:
        states, others = self._one.following[origin[0]], self._other.following[origin[1]]
        only = len(states) == len(others) == 1  # then it is the way on, since there is one
        for state, other in product(states, others):
            choice = choose(self._one.labels[state], self._other.labels[other])
            if choice and (only or self._is_nearer(state, other, left - choice.weight)):
                yield choice, (state, other)

    def _is_nearer(self, state: int, other: int, left: int) -> bool:
        return bool(self._layers.get(left, {}).get(state, 0) >> self._offset + other & 1)
