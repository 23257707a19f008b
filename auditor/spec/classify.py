"""Whole batches of keys against all templates at once: Arrow's RE2 on the part of a batch that a template can match.

In a sorted batch the keys with a common literal beginning are one slice, found by bisection. An unsorted batch costs
one pass for each different beginning.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec import globs
from auditor.spec.family import Family
from auditor.spec.model import Classification, Fit
from auditor.spec.precedence import ranks

_CHUNK = 65_536  # beyond this the text and the masks fall out of the processor's caches
_FITS = tuple(Fit)
_NONE = -1  # no family

Region = slice | npt.NDArray[np.int64]
Regions = Mapping[str, Region]
Mask = npt.NDArray[np.bool_]


class Classifier:
    """Finds family and fit of every key of an array."""

    def __init__(self, families: Sequence[Family], ignore: Sequence[str]) -> None:
        self._names = pa.array([family.name for family in families], pa.string())
        self._literals = [family.literal for family in families]
        self._ignore = globs.re2(ignore) if ignore else None
        self._strict = [family.matching(shapes=False) for family in families]
        self._shapes = [family.matching(shapes=True) for family in families]
        self._rank = np.array(ranks(families), dtype=np.int64)
        # From the least to the most precedent, so that what is written last is right.
        self._order = sorted(range(len(families)), key=lambda index: -self._rank[index])

    def classify(self, keys: pa.Array | pa.ChunkedArray) -> Classification:
        chunks = keys.chunks if isinstance(keys, pa.ChunkedArray) else [keys]
        pieces = [chunk.slice(start, _CHUNK) for chunk in chunks for start in range(0, len(chunk), _CHUNK)]
        batches = [_Batch(plain(piece)) for piece in pieces]
        for batch in batches:
            self._judge(batch)
        family = np.concatenate([np.empty(0, np.int32), *(batch.family for batch in batches)])
        fit = np.concatenate([np.empty(0, np.int8), *(batch.fit for batch in batches)])
        return Classification(
            pa.DictionaryArray.from_arrays(pa.array(family, mask=family == _NONE), self._names),
            pa.DictionaryArray.from_arrays(pa.array(fit), pa.array([str(fit) for fit in _FITS], pa.string())),
        )

    def _judge(self, batch: _Batch) -> None:
        regions = _regions(batch.keys, sorted(set(self._literals)))
        for region in regions.values():
            batch.fit[region] = _FITS.index(Fit.MALFORMED)
        self._match(batch, regions, self._strict, Fit.FITS)
        left = batch.fit == _FITS.index(Fit.MALFORMED)
        if left.any():
            self._match(batch, _only(regions, left), self._shapes, Fit.INVALID_FIELD)
        if self._ignore:
            ignored = _mask(pc.match_substring_regex(batch.keys, self._ignore))
            batch.fit[ignored] = _FITS.index(Fit.IGNORED)
            batch.family[ignored] = _NONE

    def _match(self, batch: _Batch, regions: Regions, patterns: Sequence[str], fit: Fit) -> None:
        best = np.full(len(batch.keys), _NONE, np.int32)
        tied = np.zeros(len(batch.keys), np.bool_)
        for index in self._order:
            region = regions.get(self._literals[index], slice(0, 0))
            part = _part(batch.keys, region)
            if not len(part):
                continue
            hit = _mask(pc.match_substring_regex(part, patterns[index]))
            before = best[region]
            tied[region] = np.where(hit, (before != _NONE) & (self._rank[before] == self._rank[index]), tied[region])
            best[region] = np.where(hit, np.int32(index), before)
        found = best != _NONE
        batch.fit[found] = _FITS.index(fit)
        batch.fit[tied] = _FITS.index(Fit.AMBIGUOUS)
        batch.family[found] = best[found]
        batch.family[tied] = _NONE


class _Batch:
    """Keys and what is known of them so far: index of the family, index in `_FITS`."""

    def __init__(self, keys: pa.Array) -> None:
        self.keys = keys
        self.family = np.full(len(keys), _NONE, np.int32)
        self.fit = np.full(len(keys), _FITS.index(Fit.UNKNOWN), np.int8)


def plain(keys: pa.Array) -> pa.Array:
    """Strings without nulls: what the kernels want. A null is no key, and an empty one fits nothing."""
    keys = keys if pa.types.is_string(keys.type) else keys.cast(pa.string())
    return keys.fill_null("") if keys.null_count else keys


def _mask(answer: pa.BooleanArray) -> Mask:
    mask: Mask = answer.to_numpy(zero_copy_only=False)
    return mask


def _part(keys: pa.Array, region: Region) -> pa.Array:
    if isinstance(region, slice):
        return keys.slice(region.start, region.stop - region.start)
    return keys.take(pa.array(region))


def _only(regions: Regions, wanted: Mask) -> Regions:
    everything = np.arange(len(wanted))
    return {literal: everything[region][wanted[region]] for literal, region in regions.items()}


def _regions(keys: pa.Array, literals: Sequence[str]) -> Regions:
    """For each literal the keys that begin with it."""
    find = _slices(keys) if _is_sorted(keys) else _positions(keys)
    return {literal: find(literal) for literal in literals}


def _is_sorted(keys: pa.Array) -> bool:
    count = len(keys)
    return count < 2 or pc.all(pc.less_equal(keys.slice(0, count - 1), keys.slice(1))).as_py()


def _slices(keys: pa.Array) -> Callable[[str], Region]:
    # Python compares strings by code point, which is the byte order of their UTF-8 form.
    def find(literal: str) -> Region:
        def beginning(index: int) -> str:
            key: str = keys[index].as_py()
            return key[: len(literal)]

        start = bisect_left(range(len(keys)), literal, key=beginning)
        return slice(start, bisect_right(range(len(keys)), literal, lo=start, key=beginning))

    return find


def _positions(keys: pa.Array) -> Callable[[str], Region]:
    def find(literal: str) -> Region:
        return np.flatnonzero(_mask(pc.starts_with(keys, literal))).astype(np.int64)

    return find
