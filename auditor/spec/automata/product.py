"""How far it is to the end, for the pairs of states of one automaton and of many others at once.

The search begins where both accept and goes backwards, the lightest texts first, until it comes to both starts: that
is a lightest text which both accept. When it comes to no start, there is no such text. No more pairs are looked at
than there are states in the one automaton times states in the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from auditor.spec.automata import chars
from auditor.spec.automata.automaton import START, Automaton, bits
from auditor.spec.automata.ensemble import Ensemble

Layer: TypeAlias = dict[int, int]  # state of the one automaton -> set of states of the others
Allowed: TypeAlias = Mapping[int, int]


@dataclass
class Distances:
    """`layers` has the pairs by the weight of a lightest text from there to the end.

    `found` has the weight from the start, for each member of the ensemble that shares a text with the automaton.
    """

    layers: dict[int, Layer] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)


def distances(
    one: Automaton, others: Ensemble, wanted: Collection[int], most: int, allowed: Allowed | None = None
) -> Distances:
    """Looks for texts of 1 to `most` bytes that are accepted by `one` and by the wanted members of `others`.

    `allowed`, if given, has for each state of `one` the set of states that the others may be in at the same time.
    """
    search = _Search(one, others, wanted, allowed)
    while search.waiting and chars.length(weight := min(search.waiting)) <= most:
        search.step(weight)
    return search.answer


class _Search:
    def __init__(self, one: Automaton, others: Ensemble, wanted: Collection[int], allowed: Allowed | None) -> None:
        self._one = one
        self._others = others
        self._allowed = allowed
        self._open = 0  # the states of members that wait for an answer
        for number in wanted:
            self._open |= others.region(number)
        # The empty text is no key, so the starts are no end.
        ends = {state: others.accepting & ~(others.starts if state == START else 0) for state in bits(one.accepting)}
        self.waiting: dict[int, Layer] = {0: {state: self._may(state, where) for state, where in ends.items()}}
        self._seen: Layer = {}
        self.answer = Distances()

    def step(self, weight: int) -> None:
        layer = self.answer.layers[weight] = self._unseen(self.waiting.pop(weight))
        self._arrive(layer.get(START, 0) & self._others.starts, weight)
        for added, state, where in self._back(layer):
            if new := where & ~self._seen.get(state, 0):
                target = self.waiting.setdefault(weight + added, {})
                target[state] = target.get(state, 0) | new

    def _back(self, layer: Layer) -> Iterator[tuple[int, int, int]]:
        for state, where in layer.items():
            for added, fitting in self._others.fitting(self._one.labels[state]):
                if before := self._others.before(where & fitting & self._open):
                    for origin in self._one.before[state]:
                        if reached := self._may(origin, before):
                            yield added, origin, reached

    def _may(self, state: int, where: int) -> int:
        return where & self._open & (self._allowed[state] if self._allowed else -1)

    def _unseen(self, layer: Layer) -> Layer:
        """What of the layer was in none before; it is then seen."""
        found = {}
        for state, where in layer.items():
            if new := where & self._open & ~self._seen.get(state, 0):
                found[state] = new
                self._seen[state] = self._seen.get(state, 0) | new
        return found

    def _arrive(self, starts: int, weight: int) -> None:
        for start in bits(starts):
            number = self._others.offsets.index(start)
            self.answer.found[number] = weight
            self._open &= ~self._others.region(number)
