"""Of all shortest texts of a product the one that people like best to read.

Backwards over the pairs that lie on a shortest way, it is summed up how much dislike is left to the end; forwards, the
least of the characters is taken that leave no more than that. All pairs that the text may be in are kept, so that the
answer does not depend on which automaton is the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from auditor.spec.automata.automaton import START, Automaton
from auditor.spec.automata.chars import Choice
from auditor.spec.automata.product import Layer, Pair, Product

Step: TypeAlias = tuple[int, str, Pair, Pair]  # dislike and character, from, to


@dataclass(frozen=True)
class Meeting:
    """A text that both accept, and for each of its characters a pair of states that it enters."""

    text: str
    pairs: tuple[Pair, ...]


def meet(first: Automaton, second: Automaton, most: int, allowed: tuple[int, ...] | None = None) -> Meeting | None:
    """The shortest and then most readable text of 1 to `most` bytes that both accept; None proves that there is none.

    `allowed` as for `Product`.
    """
    product = Product(first, second, allowed)
    layers = product.layers(most)
    return None if layers is None else _forwards(_backwards(product, layers), max(layers))


@dataclass
class _Ways:
    """The pairs on shortest ways: what it costs from each to the end, and the steps from each."""

    cost: dict[Pair, int] = field(default_factory=dict)
    steps: dict[Pair, list[tuple[Choice, Pair]]] = field(default_factory=dict)

    def add(self, origin: Pair, choice: Choice, pair: Pair) -> None:
        cost = self.cost[pair] + choice.dislike
        self.cost[origin] = min(cost, self.cost.get(origin, cost))
        self.steps.setdefault(origin, []).append((choice, pair))

    def best(self, origin: Pair) -> Iterator[Step]:
        for choice, pair in self.steps[origin]:
            if self.cost[pair] + choice.dislike == self.cost[origin]:
                yield choice.dislike, choice.character, origin, pair


def _backwards(product: Product, layers: dict[int, Layer]) -> _Ways:
    length = max(layers)
    ways = _Ways(dict.fromkeys(product.accepted(layers[length]), 0))
    todo = {length: set(ways.cost)}
    for at in sorted(layers, reverse=True):
        for pair in todo.pop(at, ()):
            if (choice := product.choice(pair)) is None:
                continue
            before = at - choice.weight
            for origin in product.origins(pair, layers.get(before, {})):
                ways.add(origin, choice, pair)
                todo.setdefault(before, set()).add(origin)
    return ways


def _forwards(ways: _Ways, length: int) -> Meeting:
    text = ""
    frontier: dict[Pair, tuple[Pair, ...]] = {(START, START): ()}
    while len(text.encode()) < length:
        steps = sorted(step for pair in frontier for step in ways.best(pair))
        character = steps[0][1]
        text += character
        reached: dict[Pair, tuple[Pair, ...]] = {}
        for _, other, origin, pair in steps:
            if other == character and pair not in reached:
                reached[pair] = (*frontier[origin], pair)
        frontier = reached
    return Meeting(text, frontier[min(frontier)])
