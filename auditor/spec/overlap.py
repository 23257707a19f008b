"""Proofs about templates with their kinds: which pairs share a key, and which fields cannot be told apart.

A template is an automaton, and two templates overlap when some text is accepted by both. That is decided for all of
the texts there are, not for a sample of them; precedence plays no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from auditor.spec.automata import meet
from auditor.spec.doubts import Doubt, doubts
from auditor.spec.family import Family
from auditor.spec.pieces import check, compiled, pieces
from auditor.spec.precedence import ranks, winner
from auditor.spec.template import MOST_BYTES, Literal

__all__ = ["Doubt", "Overlap", "common_key", "doubts", "overlaps"]


@dataclass(frozen=True)
class Overlap:
    """`witness` fits both families; `winner` is the one that it belongs to by precedence, None when they are tied."""

    first: Family
    second: Family
    witness: str
    winner: Family | None


def common_key(first: Family, second: Family) -> str | None:
    """The shortest key that fits both templates with their kinds, of these the most readable one.

    None is a proof that no key of S3 (1 to 1024 bytes) fits both.
    """
    if _apart(first, second):
        return None
    meeting = meet(compiled(pieces(first)), compiled(pieces(second)), MOST_BYTES)
    return None if meeting is None else check(check(meeting.text, first), second)


def overlaps(families: Sequence[Family]) -> Iterator[Overlap]:
    """All pairs that share a key, in the order of the families."""
    rank = ranks(families)
    for pair in combinations(range(len(families)), 2):
        first, second = (families[index] for index in pair)
        witness = common_key(first, second)
        if witness is not None:
            best = winner(pair, rank)
            yield Overlap(first, second, witness, None if best is None else families[best])


def _apart(first: Family, second: Family) -> bool:
    """Whether the literal beginnings or ends alone show that no key fits both; most pairs are."""
    one, other = first.literal, second.literal
    if not (one.startswith(other) or other.startswith(one)):
        return True
    one, other = _ending(first), _ending(second)
    return not (one.endswith(other) or other.endswith(one))


def _ending(family: Family) -> str:
    last = family.template.parts[-1]
    return last.text if isinstance(last, Literal) else ""
