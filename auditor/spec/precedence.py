"""Which template a key belongs to when it fits several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.spec.family import Family
from auditor.spec.template import Literal

Precedence = tuple[tuple[int, ...], tuple[int, ...]]

_LITERAL, _FIELD, _END = range(3)


def precedence(family: Family) -> Precedence:
    """What is compared, smaller first: the templates' structure character by character, then the fields' kinds.

    At the leftmost difference a literal character beats a field, and either beats the end of the template; of equal
    structures, the one wins whose kind is the more specific at the leftmost field where the kinds differ. Being equal
    is an equivalence: families with the same value are tied with each other, and with no other.
    """
    structure: list[int] = []
    for part in family.template.parts:
        structure += [_LITERAL] * len(part.text) if isinstance(part, Literal) else [_FIELD]
    kinds = tuple(family.kinds[field.name].rank for field in family.template.fields)
    return (*structure, _END), kinds


def ranks(families: Sequence[Family]) -> list[int]:
    """For each family its place in the order of precedence, 0 first; tied families have the same."""
    keys = [precedence(family) for family in families]
    order = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return [order[key] for key in keys]


def winner(candidates: Iterable[int], rank: Sequence[int]) -> int | None:
    """The one of the fitting families (by index) that beats all others; None when the best are tied."""
    best, *others = sorted(candidates, key=lambda index: rank[index])
    return None if others and rank[others[0]] == rank[best] else best
