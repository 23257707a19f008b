"""Keys that have a family's form and one field of the wrong kind: the kind that would take them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.spec.explanation import Explanation
from auditor.spec.family import Family
from auditor.spec.kinds import Kind, read_kind
from auditor.spec.overlap import common_key

Widening = Callable[[Kind, Sequence[str]], str | None]


def widened(
    families: Sequence[Family], others: Sequence[Family], wrong: Iterable[Explanation], how: Widening, least: int
) -> list[Family]:
    """The families, with wider kinds where these would take keys that are wrong in one field alone.

    What is widened still shares no key with another family or with `others`. A field is widened for no fewer than
    `least` different values that it does not take.
    """
    current = {family.name: family for family in families}
    for (name, field), values in sorted(_wrong_values(wrong).items()):
        family = current[name]
        kind = how(family.kinds[field], sorted(values)) if len(values) >= least else None
        if kind is None:
            continue
        wide = replace(family, kinds={**family.kinds, field: read_kind(kind)})
        rivals = [*(other for other in current.values() if other.name != name), *others]
        if all(common_key(wide, rival) is None for rival in rivals):
            current[name] = wide
    return list(current.values())


def _wrong_values(wrong: Iterable[Explanation]) -> Mapping[tuple[str, str], set[str]]:
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for explanation in wrong:
        if len(explanation.invalid) == 1 and explanation.family is not None:
            (field,) = explanation.invalid
            values[explanation.family, field.name].add(field.value)
    return values
