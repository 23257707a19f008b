"""Whose turn it is to be read, and how deep.

What was found faulty comes first, every time, and as deep as the fault was; then what was never looked at; then what
was looked at longest ago. What was looked at within the period waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, plain
from auditor.protocols import Depth
from auditor.scan.columns import Mask

FAULTY, NEVER = -2, -1  # ages that come before any day
_WAITS = np.iinfo(np.int64).max
_DAY = timedelta(days=1)

Ages = npt.NDArray[np.int64]


class Level(StrEnum):
    """How much of the bucket's contents a run looks at."""

    NONE = "none"
    HEADERS = "headers"
    SAMPLE = "sample"  # headers, and a share of the bucket whole
    FULL = "full"


@dataclass(frozen=True)
class Turn:
    """Objects that are read next to each other; `age` is FAULTY, NEVER or the day of the last look since 1970."""

    depth: Depth
    age: int


@dataclass(frozen=True)
class Turns:
    level: Level
    now: datetime
    every: timedelta  # the period

    def order(self, queues: Iterable[pa.Table]) -> Iterator[Turn]:
        """The turns that any object of the queues has, in the order in which they are taken."""
        found: dict[Depth, set[int]] = {Depth.HEADERS: set(), Depth.FULL: set()}
        for queue in queues:
            for depth, ages in found.items():
                ages.update(np.unique(self._ages(queue, depth)).tolist())
        whole = [Turn(Depth.FULL, age) for age in sorted(found[Depth.FULL] - {_WAITS})]
        heads = [Turn(Depth.HEADERS, age) for age in sorted(found[Depth.HEADERS] - {_WAITS})]
        yield from (turn for turn in whole if turn.age == FAULTY)
        if self.level in (Level.HEADERS, Level.SAMPLE):
            yield from (turn for turn in heads if turn.age <= NEVER)
        yield from (turn for turn in whole if turn.age != FAULTY)
        if self.level in (Level.HEADERS, Level.SAMPLE):
            yield from (turn for turn in heads if turn.age > NEVER)

    def whose(self, queue: pa.Table, turn: Turn) -> Mask:
        """Which objects of a queue have this turn. The queue has headers_at, full_at, faulty."""
        mask: Mask = self._ages(queue, turn.depth) == turn.age
        return mask

    def _ages(self, queue: pa.Table, depth: Depth) -> Ages:
        """The age of each object's last look at this depth; _WAITS where it has no turn at this depth."""
        faulty = _equal(queue["faulty"], str(depth))
        if depth is Depth.FULL and self.level is Level.HEADERS:
            return np.where(faulty, FAULTY, _WAITS)
        if depth is Depth.HEADERS:
            looked, elsewhere = queue["headers_at"], _equal(queue["faulty"], str(Depth.FULL))
        else:
            looked, elsewhere = queue["full_at"], np.zeros(queue.num_rows, bool)
            faulty |= _equal(queue["faulty"], str(Depth.HEADERS)) & (self.level is Level.FULL)
        ages = _days(looked)
        ages[self._waiting(looked)] = _WAITS
        ages[elsewhere] = _WAITS
        ages[faulty] = FAULTY
        return ages

    def _waiting(self, looked: pa.ChunkedArray) -> Mask:
        return _true(pc.greater(looked, pa.scalar(self.now - self.every, INSTANT)))


def _days(looked: pa.ChunkedArray) -> Ages:
    since = pc.divide(plain(looked).cast(pa.int64()), _DAY // timedelta(microseconds=1))
    ages: Ages = since.fill_null(NEVER).to_numpy(zero_copy_only=False).copy()
    return ages


def _equal(column: pa.ChunkedArray, value: str) -> Mask:
    return _true(pc.equal(column, value))


def _true(column: pa.ChunkedArray | pa.Array) -> Mask:
    mask: Mask = plain(column).fill_null(False).to_numpy(zero_copy_only=False)
    return mask.copy()
