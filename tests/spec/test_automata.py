"""Patterns of kinds become automata that accept what Python's `re` matches."""

from __future__ import annotations

import re
from itertools import product

import pyparsing as pp
import pytest

from auditor.spec.automata import automaton, meet, regex

TEXTS = ["".join(text) for length in range(1, 5) for text in product("ab- ^\n", repeat=length)]


PATTERNS = [
    " a",
    "a ",
    "a b",
    "(?: a| )",
    "\n",
    "[ab]",
    "[^ab]",
    "[a^]",
    "[^-]",
    "[a-b-]+",
    "\\^\\-",
    "a{2}b",
    "a{0,2}b",
]
PATTERNS += ["(?s:.+)", "(?:a|b-|)+", "(?:a?b*)+-", "(?:(?:ab)?|-){2}", "a*a", "(?:a|ab)(?:b|-)?"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_automaton_accepts_what_the_pattern_matches(pattern: str) -> None:
    machine = automaton([regex.read(pattern)])
    accepted = [text for text in TEXTS if meet(machine, automaton([regex.literal(text)]), 9) is not None]
    assert accepted == [text for text in TEXTS if re.fullmatch(pattern, text)]


@pytest.mark.parametrize("pattern", ["a|*", "(a)", "(?=a)", "a{", "[a", "a)", "^a", "a$"])
def test_what_is_no_pattern_of_a_kind_is_refused(pattern: str) -> None:
    with pytest.raises(pp.ParseBaseException):
        regex.read(pattern)
