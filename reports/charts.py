"""Geometry of the charts: bars and strips in a coordinate system that is 100 wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 100.0
THINNEST = 0.7  # what exists is visible, however small its share


@dataclass(frozen=True)
class Segment:
    name: str
    amount: int
    x: float
    width: float


def bar(amount: int, largest: int) -> float:
    """The length of one bar next to the largest.

    >>> bar(50, 100), bar(1, 10**9), bar(0, 10)
    (50.0, 0.7, 0.0)
    """
    if not amount or not largest:
        return 0.0
    return round(max(THINNEST, WIDTH * amount / largest), 2)


def strip(amounts: Iterable[tuple[str, int]]) -> Sequence[Segment]:
    """Parts of a whole side by side; slivers are widened at the cost of the wide ones.

    >>> [(part.name, part.x, part.width) for part in strip([("ok", 3), ("orphan", 1)])]
    [('ok', 0.0, 75.0), ('orphan', 75.0, 25.0)]
    """
    held = [(name, amount) for name, amount in amounts if amount]
    whole = sum(amount for _, amount in held)
    widths = [max(THINNEST, WIDTH * amount / whole) for _, amount in held]
    scale = WIDTH / sum(widths) if widths else 0.0
    segments, x = [], 0.0
    for (name, amount), width in zip(held, widths, strict=True):
        segments.append(Segment(name, amount, round(x, 2), round(width * scale, 2)))
        x += width * scale
    return segments
