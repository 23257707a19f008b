"""What of a plan does not rest on rows: backups beyond their retention, unfinished uploads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.cleanup.model import RETENTION, Action, Item
from auditor.cleanup.verdict import Judged, Verdict
from auditor.errors import CallRefused, ListingFailed
from auditor.scan.looks import Head
from auditor.store.base import ObjectFacts, Store, UnfinishedUpload
from auditor.text import isoformat

_Upload = tuple[str, str]  # key, upload id


def not_kept(retentions: Sequence[Mapping[str, Any]], head: Callable[[str], Head]) -> frozenset[str]:
    """Families of which a backup that was to stay is not there, cannot be looked at, or is another than was read."""
    return frozenset(
        str(one["family"])
        for one in retentions
        if len(one["kept"]) < one["keep"] or not all(_same(head(kept["key"]), kept["etag"]) for kept in one["kept"])
    )


def _same(head: Head, etag: str | None) -> bool:
    """What was written over a backup since the run may be anything."""
    return isinstance(head, ObjectFacts) and head.size > 0 and head.etag == (etag or "")


def of_backup(item: Item, exposed: Collection[str]) -> Judged | None:
    """None where nothing speaks against it."""
    if RETENTION in item.rules and item.family in exposed:
        return Judged(
            item, Verdict.UNSURE, "the backups that were to be kept in its place are not all there as the run saw them"
        )
    return None


@dataclass(frozen=True)
class Uploads:
    """The unfinished uploads of a plan as they are now; `failed` says why they could not be listed."""

    store: Store
    there: Mapping[_Upload, datetime]
    failed: str | None = None

    def judge(self, item: Item, cutoff: datetime) -> Judged:
        """An upload that is still there, and to which nothing was added since the cutoff, may be aborted."""
        if self.failed is not None:
            return Judged(item, Verdict.UNSURE, self.failed)
        begun = self.there.get(_id(item))
        if begun is None:
            return Judged(item, Verdict.GONE)
        if begun != item.last_modified or begun >= cutoff:
            return Judged(item, Verdict.CHANGED, "it was begun at another time")
        return self._by_parts(item, begun, cutoff)

    def remains(self, item: Item) -> Judged:
        """Whether it is still there, after the cleanup."""
        if self.failed is not None:
            return Judged(item, Verdict.UNSURE, self.failed)
        return Judged(item, Verdict.READY if _id(item) in self.there else Verdict.GONE)

    def _by_parts(self, item: Item, begun: datetime, cutoff: datetime) -> Judged:
        parts = self.store.stored_parts(UnfinishedUpload(item.key, item.upload_id or "", begun))
        if parts is None or parts.more or (parts.parts and parts.newest is None):
            return Judged(item, Verdict.UNSURE, "not all of its parts could be looked at")
        if parts.newest is not None and parts.newest >= cutoff:
            return Judged(item, Verdict.REFERENCED, f"a part of it was stored at {isoformat(parts.newest)}")
        return Judged(item, Verdict.READY)


def uploads_of(store: Store, prefix: str, items: Iterable[Item]) -> Uploads:
    """Lists what is unfinished under the prefix, and remembers what the plan has of it."""
    wanted = {_id(item) for item in items if item.action is Action.ABORT}
    if not wanted:
        return Uploads(store, {})
    try:
        found = {
            (one.key, one.upload_id): one.begun for one in store.uploads(prefix) if (one.key, one.upload_id) in wanted
        }
    except (CallRefused, ListingFailed) as error:
        return Uploads(store, {}, str(error).rstrip("."))
    return Uploads(store, found)


def _id(item: Item) -> _Upload:
    return item.key, item.upload_id or ""
