"""What pages of rows must be: in key order, within the range that was asked for.

The comparison with the objects rests on it. A database that sorts by another collation leaves out keys without a word
when it is read page by page; out of order is how that shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import RowsFailed
from auditor.frames import plain
from auditor.text import printable


def in_order(pages: Iterable[pa.Table], after: str | None, until: str | None) -> Iterator[pa.Table]:
    """The same pages of `ROWS`; raises RowsFailed instead of one with a key that should not be there.

    Rows of one key may come side by side, and never on both sides of a page's end.
    """
    last = after
    for page in pages:
        if not page.num_rows:
            continue
        keys = plain(page["key"])
        first, final = keys[0].as_py(), keys[-1].as_py()
        falling = pc.greater(keys[:-1], keys[1:])
        if pc.any(falling, min_count=0).as_py():
            at = pc.index(falling, value=True).as_py()
            raise _unsorted(keys[at].as_py(), keys[at + 1].as_py())
        if last is not None and first <= last:
            raise _unsorted(last, first)
        if until is not None and final > until:
            raise RowsFailed(f"{printable(final)!r} came, which is beyond {printable(until)!r}")
        last = final
        yield page


def _unsorted(first: str, second: str) -> RowsFailed:
    return RowsFailed(
        f"{printable(second)!r} came after {printable(first)!r}, but rows must come in the order of the bytes of their "
        "keys, and each page once"
    )
