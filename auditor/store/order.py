"""What a listing must be: strictly increasing in UTF-8 byte order, and within the range that was asked for.

The audit rests on both: out of order, objects would pass their rows by and both would be accused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ListingFailed
from auditor.frames import plain
from auditor.text import printable

_REPLACED = "\ufffd"


def in_order(tables: Iterable[pa.Table], prefix: str, after: str | None) -> Iterator[pa.Table]:
    """The same tables; raises ListingFailed instead of one with a key that should not be there."""
    last: str | None = None
    for table in tables:
        keys = plain(table["key"])
        first, final = keys[0].as_py(), keys[-1].as_py()
        if last is not None and not _beyond(first, last):
            raise _unsorted(last, first)
        _check_rising(keys)
        # Sorted keys that begin with the prefix lie side by side, so that the ends speak for all.
        if not (first.startswith(prefix) and final.startswith(prefix)) or (after and not _beyond(first, after)):
            raise ListingFailed(
                f"The server lists {printable(first)!r}, which is outside of the range that was asked for; "
                "such a server cannot be audited."
            )
        last = final
        yield table


def up_to(pages: Iterable[pa.Table], until: str | None) -> Iterator[pa.Table]:
    """The pages as far as `until` (inclusive), without empty ones; asks for no page beyond."""
    for page in pages:
        if len(page) == 0:
            continue
        if until is None or not _beyond(page["key"][-1].as_py(), until):
            yield page
            continue
        keys = plain(page["key"])
        _check_rising(keys)  # what is cut off here is seen by nobody else
        kept = page.slice(0, pc.index(pc.greater(keys, pa.scalar(until)), value=True).as_py())
        if len(kept):
            yield kept
        return


def _check_rising(keys: pa.StringArray) -> None:
    rising = pc.less(keys[:-1], keys[1:])
    if not pc.all(rising, min_count=0).as_py():
        at = pc.index(rising, value=False).as_py()
        raise _unsorted(keys[at].as_py(), keys[at + 1].as_py())


def _beyond(key: str, other: str) -> bool:
    return key.encode() > other.encode()


def _unsorted(first: str, second: str) -> ListingFailed:
    pair = f"{printable(second)!r} came after {printable(first)!r}"
    if _REPLACED in first + second:
        return ListingFailed(
            f"The server does not give keys as they are, but writes some characters as U+FFFD ({pair}); rename those "
            "objects, or audit the bucket through a server that encodes keys (encoding-type=url)."
        )
    return ListingFailed(
        f"The bucket lists unsorted ({pair}, or came twice), so that a comparison with the rows would be wrong; "
        "audit a bucket, or a server, that lists in byte order."
    )
