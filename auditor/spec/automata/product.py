"""The shortest text that two automata accept, found among the pairs of their states.

Pairs are searched in the order of the texts' length in UTF-8, which is how S3 counts, so the first accepting pair ends
a shortest text; when no pair is left, there is no such text. No more pairs are looked at than there are states in the
one automaton times states in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from auditor.spec.automata.automaton import START, Automaton, bits
from auditor.spec.automata.chars import Choice, choose

Pair: TypeAlias = tuple[int, int]
Layer: TypeAlias = dict[int, int]  # state of the first -> set of states of the second


class Product:
    """`first` and `second` side by side on one text.

    `allowed`, if given, has for each state of `first` the set of states that `second` may be in at the same time.
    """

    def __init__(self, first: Automaton, second: Automaton, allowed: Sequence[int] | None = None) -> None:
        self._first = first
        self._second = second
        self._allowed = allowed

    def layers(self, most: int) -> dict[int, Layer] | None:
        """By the length of the shortest text that leads there, 0 to that of a shortest text that both accept.

        None if there is none of 1 to `most` bytes.
        """
        layers: dict[int, Layer] = {}
        seen: Layer = {}
        waiting: dict[int, Layer] = {0: {START: 1 << START}}
        while waiting and (length := min(waiting)) <= most:
            layer = layers[length] = _unseen(waiting.pop(length), seen)
            if length and any(self.accepted(layer)):
                return layers
            for state, others in layer.items():
                for weight, reached, where in self._steps(state, others):
                    if new := where & ~seen.get(reached, 0):
                        target = waiting.setdefault(length + weight, {})
                        target[reached] = target.get(reached, 0) | new
        return None

    def accepted(self, layer: Layer) -> Iterator[Pair]:
        for state, others in layer.items():
            if self._first.accepting >> state & 1:
                yield from ((state, other) for other in bits(others & self._second.accepting))

    def choice(self, pair: Pair) -> Choice | None:
        """The character that leads to the pair; None for the start."""
        return choose(self._first.labels[pair[0]], self._second.labels[pair[1]])

    def origins(self, pair: Pair, layer: Layer) -> Iterator[Pair]:
        """The pairs of the layer that the pair follows."""
        before = self._second.before[pair[1]]
        for state in bits(self._first.before[pair[0]]):
            yield from ((state, other) for other in bits(before & layer.get(state, 0)))

    def _steps(self, state: int, others: int) -> Iterator[tuple[int, int, int]]:
        after = self._second.after(others)
        for reached in self._first.following[state]:
            here = after & self._allowed[reached] if self._allowed else after
            for weight, fitting in self._second.fitting(self._first.labels[reached]):
                if where := here & fitting:
                    yield weight, reached, where


def _unseen(layer: Layer, seen: Layer) -> Layer:
    """What of the layer was in none before; it is then seen."""
    found = {}
    for state, others in layer.items():
        if new := others & ~seen.get(state, 0):
            found[state] = new
            seen[state] = seen.get(state, 0) | new
    return found
