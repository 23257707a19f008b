"""Finite automata over Unicode, made from the patterns of kinds: what proofs about templates are made of."""

from auditor.spec.automata.automaton import Automaton, automaton
from auditor.spec.automata.borders import two_readings
from auditor.spec.automata.ensemble import Ensemble
from auditor.spec.automata.product import distances
from auditor.spec.automata.shortest import Meeting, meet, walk

__all__ = ["Automaton", "Ensemble", "Meeting", "automaton", "distances", "meet", "two_readings", "walk"]
