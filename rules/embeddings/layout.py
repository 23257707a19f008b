"""How long a record is: by the row, by custom, or by where the journey uids lie in the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

UID_PATTERN = rb"oseh_j_[A-Za-z0-9_-]{22}"
UID_LENGTH = 29
DOUBLE = 8
_UID = re.compile(UID_PATTERN)
_LONGEST_UID_FIELD = 256
_LONGEST_EMBEDDING = 1 << 20  # 131,072 dimensions: beyond this a length is a fault, and no reason to allocate it


@dataclass(frozen=True)
class Layout:
    """Lengths in bytes; `source` says in a message where they come from."""

    uid_length: int
    embedding_length: int
    source: str

    @property
    def record_length(self) -> int:
        return self.uid_length + self.embedding_length

    @property
    def uid_start(self) -> int:
        return self.uid_length - UID_LENGTH

    def possible(self) -> bool:
        return (
            UID_LENGTH <= self.uid_length <= _LONGEST_UID_FIELD
            and DOUBLE <= self.embedding_length <= _LONGEST_EMBEDDING
            and self.embedding_length % DOUBLE == 0
        )

    def hits(self, positions: Iterable[int]) -> int:
        """How many of the uids found at `positions` lie where this layout has one."""
        return sum(position % self.record_length == self.uid_start for position in positions)


USUAL = Layout(32, 3072 * DOUBLE, "the usual length")


def stated(uid_length: object, embedding_length: object) -> Layout | None:
    """The row's lengths as a layout; None where no file could have them."""
    if not isinstance(uid_length, int) or not isinstance(embedding_length, int):
        return None
    layout = Layout(uid_length, embedding_length, "the length by the row")
    return layout if layout.possible() else None


def uid_positions(head: memoryview) -> list[int]:
    """Where in the file's beginning a journey uid stands, in bytes."""
    return [match.start() for match in _UID.finditer(head)]


def choose(positions: Sequence[int], seen: int, size: int, expected: Layout) -> Layout:
    """The layout that explains the uids at `positions` in the first `seen` of `size` bytes.

    `expected` holds unless another one explains strictly more of them.
    """
    found = _found(positions, seen, size)
    return found if found and found.hits(positions) > expected.hits(positions) else expected


def _found(positions: Sequence[int], seen: int, size: int) -> Layout | None:
    def merit(layout: Layout) -> tuple[bool, int]:
        slots = 1 + (seen - layout.uid_length) // layout.record_length
        hits = layout.hits(positions)
        # A broken uid doubles a distance, so a part of a distance wins if it fills the file and most of its places hold
        # a uid; just over half would not do, since that is what half of the right length has in a file cut at a half.
        return size % layout.record_length == 0 and hits > 0.6 * slots, hits

    return max(_candidates(positions, size), key=merit, default=None)


def _candidates(positions: Sequence[int], size: int) -> list[Layout]:
    distances = Counter(after - before for before, after in pairwise(positions))
    strides = [distance for distance, _ in distances.most_common(8)] or [size]
    layouts = (_layout(positions, stride // parts) for stride in strides for parts in (1, 2, 3) if stride % parts == 0)
    return [layout for layout in layouts if layout.possible()]


def _layout(positions: Sequence[int], stride: int) -> Layout:
    start, _ = Counter(position % stride for position in positions).most_common(1)[0]
    uid_length = start + UID_LENGTH
    return Layout(uid_length, stride - uid_length, "the length found in the file")
