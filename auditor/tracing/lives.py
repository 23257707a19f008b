"""From what single backups say to what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from auditor.tracing.sighting import Rows
from auditor.tracing.story import Edge, Life, Mark, Point, Version


def lives(points: Sequence[Point], seen: Mapping[int, Rows | None]) -> list[Life]:
    """`seen`: what each backup that was read has, by its number."""
    numbers = sorted(seen)
    found = []
    for identity, group in groupby(numbers, lambda number: _identity(seen[number])):
        members = list(group)
        if identity is not None:
            found.append(_life(points, seen, numbers, members))
    return found


def _identity(rows: Rows | None) -> tuple[object, ...] | None:
    return rows.identity if rows else None


def _life(points: Sequence[Point], seen: Mapping[int, Rows | None], numbers: list[int], members: list[int]) -> Life:
    first, last = members[0], members[-1]
    before = max((number for number in numbers if number < first), default=None)
    after = min((number for number in numbers if number > last), default=None)
    versions = tuple(_versions(seen, members))
    return Life(
        versions=versions,
        came=None if before is None else _edge(points, before, first),
        went=None if after is None else _edge(points, last, after),
        changes=tuple(_edge(points, old.last, new.first) for old, new in pairwise(versions)),
        assumed=sum(point.mark is Mark.NOT_LOOKED_AT for point in points[first:last]),
    )


def _versions(seen: Mapping[int, Rows | None], members: list[int]) -> Iterator[Version]:
    def state(number: int) -> object:
        rows = seen[number]
        return rows.state if rows else None

    for _, group in groupby(members, state):
        alike = list(group)
        rows = seen[alike[0]]
        if rows:
            yield Version(rows.rows, alike[0], alike[-1])


def _edge(points: Sequence[Point], before: int, after: int) -> Edge:
    between = points[before + 1 : after]
    skipped = sum(point.mark is Mark.NOT_LOOKED_AT for point in between)
    return Edge(before, after, len(between) - skipped, skipped)
