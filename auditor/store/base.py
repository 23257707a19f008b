"""What every place that holds objects offers: list, look, read. Nothing that writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

import pyarrow as pa


@dataclass(frozen=True)
class ObjectFacts:
    """What a HEAD says. `last_modified` has whole seconds on S3, since HTTP dates have no more."""

    key: str
    size: int  # bytes
    last_modified: datetime
    etag: str
    storage_class: str | None


@dataclass(frozen=True)
class UnfinishedUpload:
    """A multipart upload that was begun, and neither completed nor aborted."""

    key: str
    upload_id: str
    begun: datetime


@dataclass(frozen=True)
class StoredParts:
    """What an unfinished upload takes; there may be more of it than was listed."""

    parts: int
    size: int  # bytes
    more: bool
    newest: datetime | None = None  # when the last of those that were listed was stored


@dataclass(frozen=True)
class Version:
    """One of the bytes that a key once had. `version_id` is `null` for what was written while none were kept."""

    version_id: str
    size: int  # bytes
    last_modified: datetime
    storage_class: str


@dataclass(frozen=True)
class Remains:
    """What a bucket keeps of a key that has no object: the newest first; never neither."""

    markers: tuple[str, ...]  # version ids of the delete markers above the newest version, or of all
    deleted_at: datetime  # of the newest marker
    version: Version | None  # None when all are gone for good


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

    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        """Unfinished uploads of keys that begin with `prefix`; none where the store knows no such thing.

        Raises CallRefused where it may not be asked, ListingFailed where the answer cannot be had.
        """
        ...

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        """By one request; None where it cannot be told, or the upload is no longer there."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class VersionedStore(Store, Protocol):
    """A store that may keep what was overwritten or deleted."""

    def keeps_versions(self) -> bool:
        """Whether it keeps versions, or did once; raises VersionsUnreadable."""
        ...

    def remains(self, key: str) -> Remains | None:
        """What is left of a deleted object; None for nothing, or when the key has an object.

        Raises VersionsUnreadable.
        """
        ...
