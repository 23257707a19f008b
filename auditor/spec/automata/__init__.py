"""Finite automata over Unicode, made from the patterns of kinds: what proofs about templates are made of."""

from auditor.spec.automata.automaton import Automaton, automaton
from auditor.spec.automata.borders import two_readings
from auditor.spec.automata.shortest import Meeting, meet

__all__ = ["Automaton", "Meeting", "automaton", "meet", "two_readings"]
