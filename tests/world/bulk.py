"""A bucket and its database at any scale, in constant memory and without bodies: for benchmarks.

Proportions, uids and key shapes are a real bucket's; `orphan_every` and `dangling_every` plant one object without a row
and one row without an object among so many positions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, OBJECTS
from tests.world.bulk_blocks import Block, Positions, hexadecimal, mixed, uids
from tests.world.bulk_referrers import refer
from tests.world.bulk_shares import blocks
from tests.world.schema import SQL

NEWEST = 1_730_000_000  # unix seconds: older than any cutoff of today
SPAN = 1_000 * 86_400


@dataclass(frozen=True)
class Bulk:
    """`positions` keys, of which a few have only a row or only an object."""

    positions: int
    seed: int = 1
    orphan_every: int = 10_007
    dangling_every: int = 20_011

    @cached_property
    def blocks(self) -> list[Block]:
        return blocks(self.positions)

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.cumsum([0] + [block.count for block in self.blocks])

    def _managed(self, positions: Positions) -> np.ndarray:
        """Whether the position is of a family that has rows."""
        has_rows = np.array([block.has_rows and block.family is not None for block in self.blocks])
        return has_rows[np.searchsorted(self._starts, positions, "right") - 1]

    def orphan(self, positions: Positions) -> np.ndarray:
        return (positions % self.orphan_every == self.orphan_every // 2) & self._managed(positions)

    def dangling(self, positions: Positions) -> np.ndarray:
        return (
            (positions % self.dangling_every == self.dangling_every // 3)
            & self._managed(positions)
            & ~self.orphan(positions)
        )

    def _recorded(self, positions: Positions) -> np.ndarray:
        has_rows = np.array([block.has_rows for block in self.blocks])
        return has_rows[np.searchsorted(self._starts, positions, "right") - 1] & ~self.orphan(positions)

    def counts(self) -> dict[str, int]:
        """How many objects, rows, orphans and dangling rows there are."""
        total = dict.fromkeys(("objects", "rows", "orphans", "dangling"), 0)
        for positions in self._pages(1 << 20):
            lost = int(self.dangling(positions).sum())
            total["objects"] += len(positions) - lost
            total["rows"] += int(self._recorded(positions).sum())
            total["orphans"] += int(self.orphan(positions).sum())
            total["dangling"] += lost
        return total

    def _pages(self, page: int) -> Iterator[Positions]:
        for start in range(0, self.positions, page):
            yield np.arange(start, min(start + page, self.positions), dtype=np.int64)

    def tables(self, page: int = 16_384) -> Iterator[pa.Table]:
        """Sorted pages of `auditor.frames.OBJECTS`, the whole bucket in key order."""
        for positions in self._pages(page):
            yield self.objects(positions[~self.dangling(positions)])

    def objects(self, positions: Positions) -> pa.Table:
        """The objects at these positions, in their order."""
        modified = NEWEST - (mixed(positions, self.seed + 11) % np.uint64(SPAN)).astype(np.int64)
        columns = [
            self.keys(positions),
            pa.array(self.sizes(positions)),
            pa.array(modified * 1_000_000).cast(INSTANT),
            hexadecimal(positions, self.seed + 12),
            pa.repeat(pa.scalar("STANDARD"), len(positions)),
        ]
        return pa.table(columns, schema=OBJECTS)

    def _by_block(self, positions: Positions) -> Iterator[tuple[int, Block, np.ndarray]]:
        found = np.searchsorted(self._starts, positions, "right") - 1
        for number in np.unique(found):
            yield int(number), self.blocks[number], np.flatnonzero(found == number)

    def keys(self, positions: Positions) -> pa.Array:
        pieces, order = [], []
        for number, block, where in self._by_block(positions):
            pieces.append(block.keys(positions[where] - self._starts[number], self.seed + 100 * number))
            order.append(where)
        if not pieces:
            return pa.array([], pa.string())
        joined = pa.concat_arrays(pieces)
        return joined if len(pieces) == 1 else pc.take(joined, pa.array(np.argsort(np.concatenate(order))))

    def sizes(self, positions: Positions) -> np.ndarray:
        chance = mixed(positions, self.seed + 10)
        made = np.zeros(len(positions), np.int64)
        for _, block, where in self._by_block(positions):
            low, high = block.sizes
            made[where] = low + (chance[where] % np.uint64(high - low)).astype(np.int64)
        return made

    def write_database(self, path: Path, page: int = 50_000) -> None:
        """Every row in a random order, as years of uploads leave them, with the service's tables and indexes.

        Nearly all rows are referred to by others.
        """
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144"):
                connection.execute(f"PRAGMA {pragma}")
            connection.executescript(SQL)
            connection.execute("DROP INDEX s3_files_key_idx")
            connection.execute("BEGIN")
            for positions in self._shuffled(page):
                self._insert(connection, positions)
            connection.execute("COMMIT")
            refer(connection)
            connection.execute("CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key)")

    def _shuffled(self, page: int) -> Iterator[Positions]:
        """Every position once, in no order: a bijection of the next power of two, less what lies beyond."""
        bits = max(2, (self.positions - 1).bit_length())
        mask, half = np.int64(2**bits - 1), np.int64(bits // 2)
        for start in range(0, 2**bits, page):
            number = np.arange(start, min(start + page, 2**bits), dtype=np.int64)
            for factor in (0x2C1B3C6D, 0x297A2D39, 0x1B56C4E9):
                number = number * np.int64(factor) & mask
                number ^= number >> half
            yield number[number < self.positions]

    def _insert(self, connection: sqlite3.Connection, positions: Positions) -> None:
        positions = positions[self._recorded(positions)]
        kinds = np.empty(len(positions), object)
        for _, block, where in self._by_block(positions):
            kinds[where] = block.content_type
        scattered = positions * 387_420_489 % 2**30  # an odd factor: no two positions meet
        uid = pc.binary_join_element_wise("oseh_s3f_", uids(scattered, 2**30, self.seed), "")
        made = (NEWEST - mixed(positions, self.seed + 11) % np.uint64(SPAN)).astype(np.int64) - 30
        created = [moment if moment % 2 else moment + 0.25 for moment in made.tolist()]
        columns = (
            uid.to_pylist(),
            self.keys(positions).to_pylist(),
            self.sizes(positions).tolist(),
            kinds.tolist(),
            created,
        )
        statement = "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES (?, ?, ?, ?, ?)"
        connection.executemany(statement, zip(*columns, strict=True))
