"""Some keys of every sort, from any number of keys: what is kept does not grow with them.

Keys are sorted into strata by what of them can be replaced at speed; of each stratum a fair sample is kept. What is so
rare within a large stratum that the sample misses it is found in a later round, when what was found first is covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST_STRATA = 2_000
MOST_KEYS = 40_000  # in all
_MOST_OF_ONE, _LEAST_OF_ONE = 200, 10  # keys of a stratum
_SEED = 0  # the same run gives the same proposals

Priorities = npt.NDArray[np.float64]


class Sample:
    def __init__(self) -> None:
        self._strata: dict[str, list[tuple[float, str]]] = {}
        self._chance = np.random.default_rng(_SEED)

    def add(self, keys: pa.Array) -> None:
        if not len(keys):
            return
        priorities = self._chance.random(len(keys))
        order = np.argsort(priorities, kind="stable")
        strata = _strata(keys).dictionary_encode()
        codes = strata.indices.to_numpy()[order]
        names = strata.dictionary.to_pylist()
        for code, positions in _first_of_each(codes, _MOST_OF_ONE):
            chosen = order[positions]
            found = zip(priorities[chosen].tolist(), keys.take(pa.array(chosen)).to_pylist(), strict=True)
            self._keep(names[code], list(found))

    def keys(self) -> Iterator[str]:
        for name in sorted(self._strata):
            yield from sorted(key for _, key in self._strata[name][: self._most_of_one()])

    def _keep(self, stratum: str, found: list[tuple[float, str]]) -> None:
        if stratum not in self._strata and len(self._strata) >= MOST_STRATA:
            stratum = _coarser(stratum)
            if stratum not in self._strata and len(self._strata) >= 2 * MOST_STRATA:
                stratum = ""
        kept = sorted([*self._strata.get(stratum, ()), *found])
        self._strata[stratum] = kept[: self._most_of_one()]

    def _most_of_one(self) -> int:
        return max(_LEAST_OF_ONE, min(_MOST_OF_ONE, MOST_KEYS // (len(self._strata) + 1)))


def _strata(keys: pa.Array) -> pa.Array:
    """The keys with everything that holds a digit or a capital replaced; of a uid its prefix stays.

    >>> _strata(pa.array(["videos/oseh_cf_A1b2/hls/aB3.ts"])).to_pylist()
    ['videos/~cf*/hls/*.ts']
    """
    strata = pc.replace_substring_regex(keys, r"oseh_([a-z]{1,12})_[^/.]*", r"~\1*")
    return pc.replace_substring_regex(strata, r"[^/.~]*[A-Z0-9][^/.]*", "*")


def _coarser(stratum: str) -> str:
    """
    >>> _coarser("videos/~cf*/hls/*.ts")
    'videos/*/*/*.ts'
    """
    first, *rest = stratum.split("/")
    extension = rest[-1].rpartition(".")[2][:12] if rest and "." in rest[-1] else ""
    return "/".join([first, *("*" for _ in rest)]) + (f".{extension}" if extension else "")


def _first_of_each(codes: npt.NDArray[np.int32], most: int) -> Iterable[tuple[int, npt.NDArray[np.int64]]]:
    """For each code the positions of its first occurrences."""
    by_code = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[by_code], prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(codes)], strict=True):
        yield int(codes[by_code[start]]), by_code[start : min(stop, start + most)]
