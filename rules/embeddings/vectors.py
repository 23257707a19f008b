"""Numbers of many records at once: finite, and of unit length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]

# The model's vectors are of unit length but for rounding: below 1e-6 even where they passed through float32 or nine
# decimals. One dimension in a hundred left out already shortens a vector by about 0.5 %, ten by 5 %. So 1 % never
# accuses rounding, and misses nothing that would change an order of similarities by more than that.
TOLERANCE = 0.01
_SHORTEST, _LONGEST = (1 - TOLERANCE) ** 2, (1 + TOLERANCE) ** 2


class Decoder:
    """Big-endian doubles to native ones, into one buffer that is used again for each chunk."""

    def __init__(self, uid_length: int) -> None:
        self._uid_length = uid_length
        self._native: Vectors = np.empty((0, 0))

    def decode(self, records: npt.NDArray[np.uint8]) -> Vectors:
        """`records` has a record's bytes in each row; the result, its numbers. Good until the next call."""
        foreign = records[:, self._uid_length :].view(">f8")
        if len(self._native) < len(foreign):
            self._native = np.empty(foreign.shape)
        native = self._native[: len(foreign)]
        np.copyto(native, foreign)
        return native


def suspects(vectors: Vectors) -> list[int]:
    """The rows that are not of unit length, among them all that hold NaN or infinity, since their sum does, too."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        squares = np.einsum("ij,ij->i", vectors, vectors)
        fine = (squares >= _SHORTEST) & (squares <= _LONGEST)
    return [int(row) for row in np.flatnonzero(~fine)]


def not_finite(vector: Vectors) -> list[int]:
    """Positions of NaN and infinity. Each number is looked at, since a sum of squares overflows from 1e154 on."""
    return [int(position) for position in np.flatnonzero(~np.isfinite(vector))]


def norm(vector: Vectors) -> float:
    """The length of a finite vector, scaled first so that squares neither overflow nor vanish."""
    largest = float(np.abs(vector).max())
    if largest == 0:
        return 0.0
    with np.errstate(over="ignore", under="ignore"):
        scaled = vector / largest
        return largest * float(np.sqrt(scaled @ scaled))
