"""Which template a key belongs to when it fits several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.spec.family import Family
from auditor.spec.quoting import quoted
from auditor.spec.template import Field, Literal

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


def reason(winner: Family, loser: Family) -> str:
    """Why the one comes before the other, as `precedence` compares them.

    >>> from auditor.spec.kinds import SEGMENT, read_kind
    >>> from auditor.spec.template import Template
    >>> parts = Literal("a/", 1, 1), Field("x", 1, 3), Literal("a/b", 1, 1)
    >>> one = Family("one", Template("a/b", 1, 1, parts[2:]), {})
    >>> two = Family("two", Template("a/{x}", 1, 1, parts[:2]), {"x": SEGMENT})
    >>> reason(one, two)
    'the literal `b` beats the field `{x}`'
    >>> reason(two, Family("three", two.template, {"x": read_kind("path")}))
    'for the field `{x}` the kind `segment` is more specific than `path`'
    """
    ours, theirs = list(_steps(winner)), list(_steps(loser))
    for our, their in zip(ours, theirs, strict=False):
        if type(our) is not type(their):
            return f"{_called(our)} beats {_called(their)}"
    for our, their in zip(winner.template.fields, loser.template.fields, strict=True):
        kinds = winner.kinds[our.name], loser.kinds[their.name]
        if kinds[0].rank != kinds[1].rank:
            return f"for {_called(our)} the kind {quoted(kinds[0].text)} is more specific than {quoted(kinds[1].text)}"
    return "they are equal"


def _steps(family: Family) -> Iterator[str | Field | None]:
    """For each character of a literal the rest of its folder, each field, and None for the end."""
    for part in family.template.parts:
        if isinstance(part, Field):
            yield part
        else:
            for at in range(len(part.text)):
                yield part.text[at : part.text.find("/", at) + 1 or len(part.text)]
    yield None


def _called(step: str | Field | None) -> str:
    if step is None:
        return "the end of the template"
    return f"the field {quoted('{' + step.name + '}')}" if isinstance(step, Field) else f"the literal {quoted(step)}"
