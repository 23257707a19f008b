"""The field values of whole batches of keys.

A field whose distance from an end of the key is the same in every key is cut out there, which costs next to nothing;
the groups of a regular expression are only asked where two fields of a template vary in length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec.family import Family
from auditor.spec.model import Classification, Fit
from auditor.spec.template import Literal

_TO_THE_END = 2**31 - 1
_FITTING = (Fit.FITS, Fit.INVALID_FIELD)

Span = tuple[int, int]  # bytes of a key, as of a Python slice: negative ones count from the end


@dataclass(frozen=True)
class FieldValues:
    """The keys of a batch that one family has with one fit (FITS or INVALID_FIELD), and what stands in their fields.

    `positions` are 0-based in the batch, ascending; `values` has one string array for each field, in the order of the
    template, aligned with them.
    """

    family: Family
    fit: Fit
    positions: npt.NDArray[np.int64]
    values: tuple[pa.Array, ...]

    def by_key(self) -> list[tuple[str, ...]]:
        """The same values, key by key."""
        columns = [column.to_pylist() for column in self.values]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self.positions)


def field_values(keys: pa.Array, classes: Classification, families: Sequence[Family]) -> Iterator[FieldValues]:
    """`classes` is what was said of `keys`, a plain string array; keys without a family are in no result."""
    index = classes.family.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    fits = classes.fit.indices.to_numpy(zero_copy_only=False)
    names = classes.fit.dictionary.to_pylist()
    for number in np.unique(index[index >= 0]):
        for fit in _FITTING:
            positions = np.flatnonzero((index == number) & (fits == names.index(fit)))
            if len(positions):
                family = families[number]
                yield FieldValues(family, fit, positions, _values(_taken(keys, positions), family, fit))


def _taken(keys: pa.Array, positions: npt.NDArray[np.int64]) -> pa.Array:
    """A family's keys; in a sorted batch most often one slice, which copies nothing."""
    first, last = int(positions[0]), int(positions[-1])
    if last - first + 1 == len(positions):
        return keys.slice(first, len(positions))
    return keys.take(pa.array(positions))


def _values(keys: pa.Array, family: Family, fit: Fit) -> tuple[pa.Array, ...]:
    spans = _spans(family) if fit is Fit.FITS else None
    if spans is None:
        groups = pc.extract_regex(keys, family.capturing(shapes=fit is Fit.INVALID_FIELD))
        return tuple(groups.field(number) for number in range(len(family.template.fields)))
    data = keys.view(pa.binary())
    return tuple(pc.binary_slice(data, start, stop).view(pa.string()) for start, stop in spans)


def _spans(family: Family) -> list[Span] | None:
    """Where each field stands in every key that fits; None when two or more fields vary in length.

    Up to the beginning of the field that varies bytes are counted from the key's beginning, behind it from the end.
    """
    parts = family.template.parts
    sizes = [len(part.text.encode()) if isinstance(part, Literal) else family.kinds[part.name].length for part in parts]
    if sizes.count(None) > 1:
        return None
    varies = sizes.index(None) if None in sizes else len(sizes)
    at = [0, *accumulate(size or 0 for size in sizes)]
    return [
        (
            at[number] if number <= varies else at[number] - at[-1],
            at[number + 1] if number < varies else at[number + 1] - at[-1] or _TO_THE_END,
        )
        for number, part in enumerate(parts)
        if not isinstance(part, Literal)
    ]
