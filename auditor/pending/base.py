"""The list of files about to be deleted: what every source of it offers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, plain


@dataclass(frozen=True)
class PendingList:
    """The list as it was read. `keys` of this bucket, each once, in the order of their UTF-8 bytes.

    `times` (microseconds since 1970) are aligned with them: the earliest score of any member that names the key.
    """

    keys: Sequence[str] = ()
    times: Sequence[int] = ()
    present: bool = False  # whether the sorted set is there at all; redis has no empty ones
    other_buckets: int = 0  # members that name another bucket
    unreadable: int = 0  # members that are no JSON object with the texts `bucket` and `key`
    outdated: int = 0  # members of a backup that the sweep has come past since

    def pending_at(self, keys: pa.Array | pa.ChunkedArray) -> pa.Array:
        """When each of these keys is going to be deleted, as INSTANT; null for those not on the list."""
        first, beyond = self._within(keys)
        if first == beyond:
            return pa.nulls(len(keys), INSTANT)
        listed, times = self._arrays
        at = pc.index_in(plain(keys), value_set=listed.slice(first, beyond - first))
        return times.slice(first, beyond - first).take(at)

    def _within(self, keys: pa.Array | pa.ChunkedArray) -> tuple[int, int]:
        if not len(keys) or not self.keys:
            return 0, 0
        ends = pc.min_max(keys).as_py()
        # Python compares text by code points, which is the order of its UTF-8 bytes
        return bisect_left(self.keys, ends["min"]), bisect_right(self.keys, ends["max"])

    @cached_property
    def _arrays(self) -> tuple[pa.Array, pa.Array]:
        return pa.array(self.keys, pa.string()), pa.array(self.times, pa.int64()).cast(INSTANT)


class PendingSource(Protocol):
    @property
    def source(self) -> str:
        """For people and reports; holds no password."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """A backup's time; None for a redis that is running."""
        ...

    def read(self) -> PendingList:
        """The list as it is now, from its beginning to its end. Raises RowsFailed."""
        ...

    def close(self) -> None: ...
