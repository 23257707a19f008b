"""Which of many values a column of another table holds.

Values and column are both in byte order, so a stretch of the column's index is read side by side with the values where
most of it is wanted; where little is, the values are looked up. Never more than a page is held.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import plain
from auditor.rows.base import OtherTable
from auditor.rows.order import in_order
from auditor.scan.merge import prefix_range

FEW = 500  # so many look-ups cost less than a page
SPARSE = 8  # reading so many values of an index costs what a look-up does


def present(table: OtherTable, wanted: pa.Array) -> pa.Array:
    """Those of `wanted` (strings, distinct, in byte order) that the table has as keys, in any order.

    Raises RowsFailed.
    """
    found: list[pa.Array] = []
    if table.ordered and len(wanted) > FEW:
        for page in _pages(table, wanted):
            last = plain(page["key"])[-1]
            passed = pc.sum(pc.less_equal(wanted, last)).as_py()
            found.append(_both(wanted.slice(0, passed), page))
            wanted = wanted.slice(passed)
            if len(wanted) <= FEW or page.num_rows > SPARSE * passed:
                break
        else:
            wanted = wanted.slice(len(wanted))  # the column was read to the end of the range
    return pa.concat_arrays([*found, looked_up(table, wanted)])


def looked_up(table: OtherTable, wanted: pa.Array) -> pa.Array:
    """The same, of the table as it is at this moment."""
    return _both(wanted, table.lookup(wanted.to_pylist())) if len(wanted) else wanted


def _pages(table: OtherTable, wanted: pa.Array) -> Iterator[pa.Table]:
    low, high = prefix_range(wanted[0].as_py())[0], wanted[-1].as_py()
    yield from in_order(table.pages(low, high), low, high)


def _both(wanted: pa.Array, page: pa.Table) -> pa.Array:
    return wanted.filter(pc.is_in(wanted, value_set=plain(page["key"])))
