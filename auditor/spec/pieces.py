"""Templates as automata."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec.automata import Automaton, automaton, regex
from auditor.spec.family import Family
from auditor.spec.quoting import quoted
from auditor.spec.template import Field

Piece = tuple[bool, str]  # whether it is a field; its pattern or the text


def pieces(family: Family) -> tuple[Piece, ...]:
    return tuple(
        (True, family.kinds[part.name].pattern) if isinstance(part, Field) else (False, part.text)
        for part in family.template.parts
    )


@lru_cache(maxsize=1024)
def compiled(parts: tuple[Piece, ...]) -> Automaton:
    """The automaton of the pieces; its `piece` counts them from 0."""
    return automaton([regex.read(text) if is_field else regex.literal(text) for is_field, text in parts])


def check(key: str, family: Family) -> str:
    """The key, which must fit the family. A proof with a wrong witness is our fault and raises RuntimeError."""
    if not pc.match_substring_regex(pa.array([key], pa.string()), family.matching(shapes=False))[0].as_py():
        raise RuntimeError(f"{quoted(key)} was proved to fit {quoted(family.template.text)}, and does not")
    return key
