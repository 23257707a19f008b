"""Objects and rows of the same key range meet here.

Both sides are sorted, so a batch needs only the rows between its neighbours: memory is bounded by one batch and one
page of rows, whatever the bucket holds.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import ROWS, plain
from auditor.scan.columns import Mask

ROW_COLUMNS = {"row_uid": "uid", "row_size": "size", "row_content_type": "content_type", "row_created_at": "created_at"}


class RowJoin:
    """Gives each object of one batch its row, page of rows by page of rows.

    Where several rows have one key (a table without a unique index) the first of them is shown with the object; all
    of them count as matched.
    """

    def __init__(self, keys: pa.Array) -> None:
        self._keys = keys
        self._matched: list[pa.Table] = []
        self._positions: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        self.matched_rows = 0

    def add(self, page: pa.Table) -> pa.Table:
        """Takes a page of `ROWS`; returns those of its rows whose key no object of the batch has."""
        positions = pc.index_in(plain(page["key"]), value_set=self._keys)
        found = positions.is_valid()
        here = page if positions.null_count == 0 else page.filter(found)
        self._matched.append(here)
        self._positions.append(positions.drop_null().to_numpy(zero_copy_only=False).astype(np.int64))
        self.matched_rows += here.num_rows
        return page.slice(0, 0) if positions.null_count == 0 else page.filter(pc.invert(found))

    def finish(self) -> tuple[dict[str, pa.Array], Mask]:
        """The row columns, one value for each object (null without a row), and which objects have a row."""
        rows = pa.concat_tables([ROWS.empty_table(), *self._matched]).combine_chunks()
        positions = np.concatenate([np.empty(0, np.int64), *self._positions])
        order = np.full(len(self._keys), -1, dtype=np.int64)
        order[positions[::-1]] = np.arange(len(positions), dtype=np.int64)[::-1]
        has_row: Mask = order >= 0
        aligned = len(positions) == len(order) and bool((order == np.arange(len(order))).all())
        taken = rows if aligned else rows.take(pa.array(order, mask=~has_row))
        return {name: plain(taken[column]) for name, column in ROW_COLUMNS.items()}, has_row


def no_rows(count: int) -> dict[str, pa.Array]:
    """The row columns of objects that have no row."""
    return {name: pa.nulls(count, ROWS.field(column).type) for name, column in ROW_COLUMNS.items()}


def prefix_range(prefix: str) -> tuple[str | None, str | None]:
    """(after, until] that holds every row key beginning with `prefix`, and next to nothing else.

    A range leaves out its lower end, so that end is the greatest key that sorts below the prefix.

    >>> prefix_range("") == (None, None)
    True
    >>> after, until = prefix_range("a/b")
    >>> after < "a/b" <= "a/b/c" < until
    True
    """
    if not prefix:
        return None, None
    beyond = "\U0010ffff" * 256
    below = prefix[:-1]
    before = ord(prefix[-1]) - 1
    if before >= 0:
        below += chr(0xD7FF if 0xD800 <= before <= 0xDFFF else before) + beyond
    return below, prefix + beyond
