"""Several automata side by side in the bits of one number, so that one step is a step of them all."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.spec.automata.automaton import START, Automaton, bits
from auditor.spec.automata.chars import Chars, choose


class Ensemble:
    """`members`, each with its states from its number in `offsets` on; `starts` and `accepting` are sets of states."""

    def __init__(self, members: Sequence[Automaton]) -> None:
        self.members = tuple(members)
        self.offsets: list[int] = []
        self.starts = self.accepting = 0
        self._chained = self._looped = 0
        self._joining: dict[int, int] = {}
        self._labelled: dict[Chars, int] = {}
        self._fitting: dict[Chars, tuple[tuple[int, int], ...]] = {}
        at = 0
        for member in members:
            self._add(member, at)
            at += len(member.labels)
        self._joins = sum(1 << state for state in self._joining)

    def region(self, number: int) -> int:
        """All states of a member."""
        return ((1 << len(self.members[number].labels)) - 1) << self.offsets[number]

    def before(self, states: int) -> int:
        """All states that one of the set follows."""
        # Nearly every state follows the one before it, itself, or both.
        found = (states & self._chained) >> 1 | states & self._looped
        for state in bits(states & self._joins):
            found |= self._joining[state]
        return found

    def fitting(self, label: Chars) -> tuple[tuple[int, int], ...]:
        """The states that a character of `label` enters, by the weight of the best such character."""
        if label not in self._fitting:
            found: dict[int, int] = {}
            for own, states in self._labelled.items():
                if choice := choose(own, label):
                    found[choice.weight] = found.get(choice.weight, 0) | states
            self._fitting[label] = tuple(sorted(found.items()))
        return self._fitting[label]

    def _add(self, member: Automaton, at: int) -> None:
        self.offsets.append(at)
        self.starts |= 1 << at + START
        self.accepting |= member.accepting << at
        labelled: dict[Chars, int] = {}
        chained = looped = 0
        for state, before in enumerate(member.before):
            labelled[member.labels[state]] = labelled.get(member.labels[state], 0) | 1 << state
            chained |= (state - 1 in before) << state
            looped |= (state in before) << state
            if others := sum(1 << other for other in before if other not in (state - 1, state)):
                self._joining[at + state] = others << at
        self._chained |= chained << at
        self._looped |= looped << at
        for label, states in labelled.items():
            self._labelled[label] = self._labelled.get(label, 0) | states << at
