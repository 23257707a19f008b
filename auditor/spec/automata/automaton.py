"""Position automata (Glushkov): one state for each character of a pattern, one for the start, no empty steps.

They stay nondeterministic. A deterministic automaton of `{name}-{random}` has as many states as there are sets of
places where the hyphen can have been, which is exponential in the length of `random`; this one has one for each place.
Sets of states are the bits of an int, so that a step of all of them is a few operations on numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from auditor.spec.automata import regex
from auditor.spec.automata.chars import Chars, choose

START = 0


@dataclass(frozen=True, eq=False)
class Automaton:
    """State 0 is the start. State `s` is entered by a character of `labels[s]`, in the piece `piece[s]` (-1: start).

    `follow[s]` is the set of states after `s`, `accepting` the set of states in which a text may end.
    """

    labels: tuple[Chars, ...]
    piece: tuple[int, ...]
    follow: tuple[int, ...]
    accepting: int
    _fitting: dict[Chars, tuple[tuple[int, int], ...]] = field(default_factory=dict, init=False, repr=False)

    def after(self, states: int) -> int:
        """All states that follow one of the set."""
        reached = (states & self._chained) << 1 | states & self._looped
        for state in bits(states & self._branching):
            reached |= self.follow[state]
        return reached

    def fitting(self, label: Chars) -> tuple[tuple[int, int], ...]:
        """The states that a character of `label` enters, by the least length of that character in UTF-8."""
        if label not in self._fitting:
            found: dict[int, int] = {}
            for own, states in self._labelled.items():
                if choice := choose(own, label):
                    found[choice.weight] = found.get(choice.weight, 0) | states
            self._fitting[label] = tuple(sorted(found.items()))
        return self._fitting[label]

    @cached_property
    def following(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(bits(states)) for states in self.follow)

    @cached_property
    def before(self) -> tuple[int, ...]:
        """For each state the set of states that it follows."""
        found = [0] * len(self.follow)
        for state, after in enumerate(self.following):
            for reached in after:
                found[reached] |= 1 << state
        return tuple(found)

    # Nearly every state is followed by the next one, by itself, or by both.

    @cached_property
    def _chained(self) -> int:
        return sum(1 << state for state, after in enumerate(self.follow) if after >> state & 2)

    @cached_property
    def _looped(self) -> int:
        return sum(1 << state for state, after in enumerate(self.follow) if after >> state & 1)

    @cached_property
    def _branching(self) -> int:
        return sum(1 << state for state, after in enumerate(self.follow) if after & ~(3 << state))

    @cached_property
    def _labelled(self) -> dict[Chars, int]:
        found: dict[Chars, int] = {}
        for state, label in enumerate(self.labels):
            if state != START:
                found[label] = found.get(label, 0) | 1 << state
        return found


def automaton(pieces: Sequence[regex.Node]) -> Automaton:
    """The automaton of the pieces one after the other."""
    builder = _Builder()
    whole = _Fragment(True, 0, 0)
    for number, piece in enumerate(pieces):
        builder.number = number
        whole = builder.joined(whole, builder.built(piece))
    builder.follow[START] = whole.first
    accepting = whole.last | (1 << START if whole.nullable else 0)
    return Automaton(tuple(builder.labels), tuple(builder.piece), tuple(builder.follow), accepting)


def bits(states: int) -> Iterator[int]:
    """
    >>> list(bits(0b1011))
    [0, 1, 3]
    """
    while states:
        lowest = states & -states
        yield lowest.bit_length() - 1
        states ^= lowest


@dataclass(frozen=True)
class _Fragment:
    """Part of a pattern: whether it can be empty, the sets of states that it can begin and end with."""

    nullable: bool
    first: int
    last: int


class _Builder:
    def __init__(self) -> None:
        self.number = 0
        self.labels = [Chars(())]
        self.piece = [-1]
        self.follow = [0]

    def built(self, node: regex.Node) -> _Fragment:
        match node:
            case regex.One(chars):
                return self._state(chars)
            case regex.Sequence(nodes):
                whole = _Fragment(True, 0, 0)
                for one in nodes:
                    whole = self.joined(whole, self.built(one))
                return whole
            case regex.Choice(nodes):
                return self._either([self.built(one) for one in nodes])
            case regex.Repeat():
                return self._repeated(node)

    def joined(self, left: _Fragment, right: _Fragment) -> _Fragment:
        for state in bits(left.last):
            self.follow[state] |= right.first
        return _Fragment(
            left.nullable and right.nullable,
            left.first | (right.first if left.nullable else 0),
            right.last | (left.last if right.nullable else 0),
        )

    def _state(self, chars: Chars) -> _Fragment:
        state = 1 << len(self.labels)
        self.labels.append(chars)
        self.piece.append(self.number)
        self.follow.append(0)
        return _Fragment(False, state, state)

    def _either(self, fragments: Sequence[_Fragment]) -> _Fragment:
        first = last = 0
        for fragment in fragments:
            first, last = first | fragment.first, last | fragment.last
        return _Fragment(any(fragment.nullable for fragment in fragments), first, last)

    def _repeated(self, node: regex.Repeat) -> _Fragment:
        whole = _Fragment(True, 0, 0)
        for number in range(max(node.least, node.most or 1)):
            one = self.built(node.node)
            if node.most is None and number == max(node.least, 1) - 1:
                self.joined(one, one)
            whole = self.joined(whole, one if number < node.least else _Fragment(True, one.first, one.last))
        return whole
