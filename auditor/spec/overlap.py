"""Proofs about templates with their kinds: which pairs share a key, and which fields cannot be told apart.

A template is an automaton, and two templates overlap when some text is accepted by both. That is decided for all of
the texts there are, not for a sample of them; precedence plays no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.spec.automata import Ensemble, distances, meet, walk
from auditor.spec.doubts import Doubt, doubts
from auditor.spec.family import Family
from auditor.spec.pieces import check, compiled, pieces
from auditor.spec.precedence import ranks, winner
from auditor.spec.template import MOST_BYTES, Literal

__all__ = ["Doubt", "Overlap", "common_key", "doubts", "overlaps"]


_MOST_PAIRS = 4_000_000  # of states: 200 templates of 80 characters with one of 250


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
    if meeting is None:
        return None
    for family in (first, second):
        check([meeting.text], family)
    return meeting.text


def overlaps(families: Sequence[Family]) -> Iterator[Overlap]:
    """All pairs that share a key, in the order of the families."""
    witnesses = _Proof(families).witnesses()
    for number, family in enumerate(families):
        check([key for pair, key in witnesses.items() if number in pair], family)
    rank = ranks(families)
    for pair in sorted(witnesses):
        best = winner(pair, rank)
        first, second = (families[number] for number in pair)
        yield Overlap(first, second, witnesses[pair], None if best is None else families[best])


class _Proof:
    """All pairs of the families; each family meets all of an ensemble at once."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families
        self._automata = [compiled(pieces(family)) for family in families]

    def witnesses(self) -> dict[tuple[int, int], str]:
        """A key for each pair that shares one, by the families' numbers."""
        return {
            (first, second): key
            for start, ensemble in self._ensembles()
            for first in range(start + len(ensemble.members))
            for second, key in self._meetings(first, start, ensemble)
        }

    def _meetings(self, first: int, start: int, ensemble: Ensemble) -> Iterator[tuple[int, str]]:
        family, one = self._families[first], self._automata[first]
        others = range(max(start, first + 1), start + len(ensemble.members))
        wanted = [other - start for other in others if not _apart(family, self._families[other])]
        known = distances(one, ensemble, wanted, MOST_BYTES)
        for number in known.found:
            beginning = min(family.literal, self._families[start + number].literal, key=len)
            yield start + number, walk(one, ensemble, number, known, beginning).text

    def _ensembles(self) -> Iterator[tuple[int, Ensemble]]:
        """All automata in groups, each with the number of its first. A group is limited, and so is the memory."""
        most = _MOST_PAIRS // max((len(one.labels) for one in self._automata), default=1)
        start = size = 0
        for number, one in enumerate(self._automata):
            if number > start and size + len(one.labels) > most:
                yield start, Ensemble(self._automata[start:number])
                start, size = number, 0
            size += len(one.labels)
        yield start, Ensemble(self._automata[start:])


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
