"""All rows of files that one backup has and the next has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from auditor.rows import RowSource

NO_FAMILY = ""


@dataclass
class Gone:
    """`rows` in all, of `before`, with the sum of the sizes that they said; the first `examples` (key, uid) in key
    order, and how many there are of each family (by its name; NO_FAMILY for keys of none).
    """

    before: int = 0
    rows: int = 0
    size: int = 0  # bytes
    examples: list[tuple[str, str | None]] = field(default_factory=list)
    families: Counter[str] = field(default_factory=Counter)


Classify = Callable[[pa.ChunkedArray], list[str | None]]


def gone_between(before: RowSource, after: RowSource, classify: Classify, most: int) -> Gone:
    """Both are read in key order, page by page: memory does not grow with the tables. Raises RowsFailed."""
    gone = Gone()
    low: str | None = None
    for page in before.pages(None, None):
        high = page["key"][-1].as_py()
        missing = page.filter(pc.invert(_there(page, after, low, high)))
        low = high
        gone.before += page.num_rows
        if missing.num_rows:
            _add(gone, missing, classify, most)
    return gone


def _add(gone: Gone, missing: pa.Table, classify: Classify, most: int) -> None:
    gone.rows += missing.num_rows
    gone.size += pc.sum(pc.max_element_wise(missing["size"], 0)).as_py() or 0  # -1 where nobody knew
    gone.families.update(name or NO_FAMILY for name in classify(missing["key"]))
    some = missing.slice(0, max(most - len(gone.examples), 0))
    gone.examples += zip(some["key"].to_pylist(), some["uid"].to_pylist(), strict=True)


def _there(page: pa.Table, after: RowSource, low: str | None, high: str) -> pa.ChunkedArray:
    """Which rows of the page the other side has, under the same key and uid."""
    wanted = _named(page)
    found = pa.chunked_array([pa.array([False] * page.num_rows)])
    for part in _pages(after, low, high):
        found = pc.or_(found, pc.is_in(wanted, _named(part)))
    return found


def _pages(rows: RowSource, low: str | None, high: str) -> Iterator[pa.Table]:
    return rows.pages(low, high)


def _named(page: pa.Table) -> pa.ChunkedArray:
    """Key and uid in one text: no key is parted from its uid by the same text that another is."""
    length = pc.cast(pc.binary_length(page["key"]), pa.string())
    return pc.binary_join_element_wise(length, page["key"], pc.fill_null(page["uid"], ""), ":")
