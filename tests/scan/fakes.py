"""A bucket and a database that change while they are looked at, for the races that no real server stages on demand."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import pyarrow as pa

from auditor.errors import CannotStart, ListingFailed, ObjectChanged, ObjectGone, ObjectUnreadable, RowsFailed
from auditor.frames import OBJECTS, ROWS
from auditor.rows.base import ForeignKey, OtherTable, RowTable
from auditor.rows.references import Plan, Witness
from auditor.store.base import ObjectFacts, StoredParts, UnfinishedUpload

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=30)
YOUNG = NOW - timedelta(hours=1)


def by_bytes(key: str) -> bytes:
    return key.encode()


@dataclass
class MemoryStore:
    """Objects by key: (last_modified, body). `before` is called with (operation, key) ahead of every request."""

    objects: dict[str, tuple[datetime, bytes]]
    now: datetime = NOW
    page: int = 3
    before: Callable[[str, str], None] = lambda operation, key: None
    unreadable: Mapping[str, ObjectUnreadable] = field(default_factory=dict)
    unfinished: Sequence[UnfinishedUpload] = ()
    fail_listing_after: str | None = None
    url: str = "s3://memory"
    bucket: str = "memory"
    requests: Counter[str] = field(default_factory=Counter)

    def clock(self) -> datetime:
        return self.now

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        """Looks at the objects anew for each page, as S3 does."""
        while True:
            if self.fail_listing_after is not None and after is not None and after >= self.fail_listing_after:
                raise ListingFailed("page lost")
            self._ask("ListObjectsV2", after or "")
            keys = sorted((key for key in self.objects if key.startswith(prefix)), key=by_bytes)
            keys = [key for key in keys if after is None or by_bytes(key) > by_bytes(after)]
            keys = [key for key in keys if until is None or by_bytes(key) <= by_bytes(until)][: self.page]
            if not keys:
                return
            rows = [self._facts(key).__dict__ for key in keys]
            yield pa.Table.from_pylist(rows, schema=OBJECTS)
            after = keys[-1]

    def head(self, key: str) -> ObjectFacts | None:
        self._ask("HeadObject", key)
        if key in self.unreadable:
            raise self.unreadable[key]
        return self._facts(key) if key in self.objects else None

    @contextmanager
    def open(self, key: str, start: int = 0, length: int | None = None, etag: str | None = None) -> Iterator[BinaryIO]:
        self._ask("GetObject", key)
        if key in self.unreadable:
            raise self.unreadable[key]
        if key not in self.objects:
            raise ObjectGone(key)
        if etag is not None and self._facts(key).etag != etag:
            raise ObjectChanged(key)
        yield io.BytesIO(self.objects[key][1][start : None if length is None else start + length])

    def uploads(self, prefix: str = "") -> Iterator[UnfinishedUpload]:
        self._ask("ListMultipartUploads", prefix)
        return (upload for upload in self.unfinished if upload.key.startswith(prefix))

    def stored_parts(self, upload: UnfinishedUpload) -> StoredParts | None:
        self._ask("ListParts", upload.key)
        return StoredParts(2, 10_000_000, more=False)

    def close(self) -> None:
        return None

    def _facts(self, key: str) -> ObjectFacts:
        modified, body = self.objects[key]
        return ObjectFacts(key, len(body), modified, f'"{hash(body):x}"', "STANDARD")

    def _ask(self, operation: str, key: str) -> None:
        self.requests[operation] += 1
        self.before(operation, key)


@dataclass
class MemoryRows:
    """Rows by key: (uid, size, created_at). `before` is called with (operation, argument) ahead of every question."""

    rows: dict[str, tuple[str, int, datetime | None]]
    as_of: datetime | None = None
    page: int = 2
    before: Callable[[str, Any], None] = lambda operation, argument: None
    source: str = "memory"
    unreadable_keys: int = 0
    answers: Callable[[str, Mapping[str, Any]], list[dict[str, Any]] | None] = lambda sql, parameters: None
    keys: Sequence[ForeignKey] = ()
    lonely: Collection[str] = ()  # keys of rows that nothing refers to

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        while keys := self._page(after, until):
            yield self._table(keys)
            after = keys[-1]

    def _page(self, after: str | None, until: str | None) -> list[str]:
        self.before("pages", after)
        keys = self._keys(lambda key: after is None or by_bytes(key) > by_bytes(after))
        return [key for key in keys if until is None or by_bytes(key) <= by_bytes(until)][: self.page]

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        self.before("lookup", keys)
        return self._table(self._keys(set(keys).__contains__))

    def count(self, first: str | None = None, beyond: str | None = None) -> int:
        self.before("count", None)
        return len(self._keys(lambda key: (first or "") <= key < (beyond or "\U0010ffff" * 300)))

    def split(self, parts: int, first: str | None = None, beyond: str | None = None) -> list[str]:
        keys = self._keys(lambda key: (first or "") <= key < (beyond or "\U0010ffff" * 300))
        return keys[:: max(len(keys) // parts, 1)][1:parts]

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]] | None:
        self.before("select", parameters)
        return self.answers(sql, parameters or {})

    def other(self, table: RowTable) -> OtherTable:
        raise CannotStart(f"memory has no {table}")

    def foreign_keys(self) -> list[ForeignKey]:
        self.before("foreign_keys", None)
        return list(self.keys)

    def unreferenced(
        self, plan: Plan, after: str | None = None, until: str | None = None, *, surely: bool = False
    ) -> Iterator[list[Witness]]:
        self.before("unreferenced", surely)
        found = self._keys(set(self.lonely).__contains__)
        yield [Witness(key, 0, self.rows[key][0]) for key in found]

    def texts(self, table: str, column: str | None = None) -> Iterator[list[str]]:
        self.before("texts", table)
        yield []

    def close(self) -> None:
        return None

    def _keys(self, wanted: Callable[[str], bool]) -> list[str]:
        return sorted(filter(wanted, self.rows), key=by_bytes)

    def _table(self, keys: Sequence[str]) -> pa.Table:
        rows = [
            {"key": key, "uid": uid, "size": size, "content_type": "image/png", "created_at": created}
            for key in keys
            for uid, size, created in [self.rows[key]]
        ]
        return pa.Table.from_pylist(rows, schema=ROWS)


def dies_after(questions: int) -> Callable[[str, Any], None]:
    """A `before` for MemoryRows: the database answers so many times and then never again."""
    asked = Counter[str]()

    def before(operation: str, argument: Any) -> None:
        asked["all"] += 1
        if asked["all"] > questions:
            raise RowsFailed("the database went away")

    return before
