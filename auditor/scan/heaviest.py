"""Which labels weigh the most, in one pass and bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)


def heaviest(parts: Iterable[Mapping[Label, int]], most: int) -> set[Label]:
    """At most `most` labels, and among them each that has more than 1/(most + 1) of the weight of all.

    All labels, if they are not more than that. Weighted Misra-Gries, with parts added and then cut as in "Mergeable
    Summaries" (Agarwal and others, 2012): what is held is at most `most` labels and those of one part. Of labels that
    weigh the same the one that came first stays, so the same parts give the same choice.

    >>> sorted(heaviest([{"a": 5, "b": 1}, {"c": 1, "a": 5}, {"d": 9}], 2))
    ['a', 'd']
    """
    held: Counter[Label] = Counter()
    for part in parts:
        held.update(part)
        if len(held) > most:
            ranked = held.most_common()
            floor = ranked[most][1]
            held = Counter({label: weight - floor for label, weight in ranked[:most]})
    return set(held)
