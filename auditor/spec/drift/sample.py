"""Some keys of every sort, from any number of keys: what is kept does not grow with them.

Keys are sorted into strata by what of them can be replaced at speed; of each stratum a fair sample is kept. What is so
rare within a large stratum that the sample misses it is found in a later round, when what was found first is covered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST_STRATA = 2_000
MOST_KEYS = 40_000  # in all
_MOST_OF_ONE, _LEAST_OF_ONE = 200, 10  # keys of a stratum
_SEED = 0  # the same run gives the same proposals

_Kept = list[tuple[float, str]]  # keys with their priorities, the first to stay


@dataclass
class _Stratum:
    seen: int = 0
    kept: _Kept = field(default_factory=list)

    def add(self, seen: int, kept: _Kept, most: int) -> None:
        self.seen += seen
        self.kept = sorted([*self.kept, *kept])[:most]


class Sample:
    def __init__(self) -> None:
        self._strata: dict[str, _Stratum] = {}
        self._chance = np.random.default_rng(_SEED)

    def add(self, keys: pa.Array) -> None:
        if not len(keys):
            return
        priorities = self._chance.random(len(keys))
        order = np.argsort(priorities, kind="stable")
        strata = _strata(keys).dictionary_encode()
        names = strata.dictionary.to_pylist()
        for code, positions in _each(strata.indices.to_numpy()[order]):
            chosen = order[positions[:_MOST_OF_ONE]]
            found = zip(priorities[chosen].tolist(), keys.take(pa.array(chosen)).to_pylist(), strict=True)
            self._keep(names[code], len(positions), list(found))

    def keys(self) -> Iterator[str]:
        for name in sorted(self._strata):
            yield from sorted(key for _, key in self._strata[name].kept[: self._most_of_one()])

    def _keep(self, name: str, seen: int, kept: _Kept) -> None:
        self._strata.setdefault(name, _Stratum()).add(seen, kept, self._most_of_one())
        while len(self._strata) > MOST_STRATA:
            self._fold()

    def _fold(self) -> None:
        """Half of the strata, those with the fewest keys, become parts of coarser ones."""
        small = sorted(filter(None, self._strata), key=lambda name: (self._strata[name].seen, name))
        for name in small[: MOST_STRATA // 2]:
            stratum = self._strata.pop(name)
            coarser = _coarser(name)
            whole = self._strata.setdefault("" if coarser == name else coarser, _Stratum())
            whole.add(stratum.seen, stratum.kept, self._most_of_one())

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


def _each(codes: npt.NDArray[np.int32]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """For each code the positions at which it stands."""
    by_code = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[by_code], prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(codes)], strict=True):
        yield int(codes[by_code[start]]), by_code[start:stop]
