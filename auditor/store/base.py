"""What every place that holds objects offers: list, look, read. Nothing that writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

import pyarrow as pa


@dataclass(frozen=True)
class ObjectFacts:
    """What a HEAD says. `last_modified` has whole seconds on S3, since HTTP dates have no more."""

    key: str
    size: int  # bytes
    last_modified: datetime
    etag: str
    storage_class: str | None


class Store(Protocol):
    url: str  # for people and reports; holds no credential
    bucket: str
    requests: Counter[str]  # operation -> requests made

    def clock(self) -> datetime:
        """The store's own time now (UTC); raises CannotStart when the bucket cannot be reached or listed."""
        ...

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        """Pages of `auditor.frames.OBJECTS`: every key that begins with `prefix` and lies in (after, until].

        Keys are strictly increasing across all pages, in UTF-8 byte order. Raises ListingFailed when a page cannot
        be had or the order is broken; what was yielded before is then whole up to its last key.
        """
        ...

    def head(self, key: str) -> ObjectFacts | None:
        """None only when the store says that there is no such object; raises ObjectUnreadable otherwise."""
        ...

    def open(
        self, key: str, start: int = 0, length: int | None = None, etag: str | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """A stream over bytes [start, start + length); to the end when `length` is None.

        With an `etag`, raises ObjectChanged where the object has another one by now. Raises ObjectGone or
        ObjectUnreadable, on opening or on reading. A body that ends early raises, too.
        """
        ...

    def close(self) -> None: ...
