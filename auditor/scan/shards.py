"""Splits the keys into ranges that can be swept side by side."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from auditor.errors import RowsFailed
from auditor.rows.base import RowSource
from auditor.scan.merge import prefix_range
from auditor.scan.options import Options
from auditor.scan.sweep import Shard
from auditor.spec import Specification

PER_WORKER = 4  # more shards than workers, so that a long one does not leave the others idle


def plan_shards(rows: RowSource | None, spec: Specification, options: Options) -> list[Shard]:
    """One shard for one worker; else ranges with about equally many rows, or one for each family without rows."""
    if options.workers == 1:
        return cut([], options.prefix)
    try:
        _, beyond = prefix_range(options.prefix)
        points = rows.split(options.workers * PER_WORKER, options.prefix or None, beyond) if rows else []
    except RowsFailed:
        points = []  # the sweep will meet the same failure and account for it
    return cut(points or [family.literal for family in spec.families], options.prefix)


def cut(points: Iterable[str], prefix: str) -> list[Shard]:
    """Shards between the points that lie under the prefix; without points, one shard.

    >>> [str(shard) for shard in cut(["b", "a"], "")]
    ["keys after None up to 'a'", "keys after 'a' up to 'b'", "keys after 'b' up to None"]
    """
    under = sorted({point for point in points if point.startswith(prefix)}, key=str.encode)
    ends: list[str | None] = [None, *under, None]
    return [Shard(number, after, until) for number, (after, until) in enumerate(pairwise(ends))]
