"""What keys have in common: literal text, and slots that values of a field kind fill."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.spec.kinds import escape, read_kind


@dataclass(frozen=True)
class Slot:
    """A place for a value; `kind` as bindings write it."""

    kind: str


Atom = str | Slot
Pattern = tuple[Atom, ...]  # no empty literal, no two literals side by side


def joined(atoms: Iterable[Atom]) -> Pattern:
    """
    >>> joined(["a/", "", "b", Slot("int"), ".x"])
    ('a/b', Slot(kind='int'), '.x')
    """
    pattern: list[Atom] = []
    for atom in atoms:
        if isinstance(atom, str) and pattern and isinstance(pattern[-1], str):
            pattern[-1] += atom
        elif atom != "":
            pattern.append(atom)
    return tuple(pattern)


def path(segments: Iterable[Pattern]) -> Pattern:
    """The patterns of a key's segments with the slashes between them."""
    atoms: list[Atom] = []
    for number, segment in enumerate(segments):
        atoms += ["/", *segment] if number else segment
    return joined(atoms)


def slots(pattern: Pattern) -> tuple[Slot, ...]:
    return tuple(atom for atom in pattern if isinstance(atom, Slot))


def skeleton(pattern: Pattern) -> tuple[str | None, ...]:
    """As a template's: the literals, and None for each slot."""
    return tuple(atom if isinstance(atom, str) else None for atom in pattern)


def regex(pattern: Pattern) -> re.Pattern[str]:
    """With one group for each slot; the greedy reading that the classifier has, too."""
    pieces = (escape(atom) if isinstance(atom, str) else f"({read_kind(atom.kind).pattern})" for atom in pattern)
    return re.compile("".join(pieces))
