"""The list of pending deletions as a side of the audit, and what summary.json says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from auditor.pending import PendingList, PendingSource
from auditor.scan.columns import SIDES
from auditor.spec import Specification
from auditor.text import isoformat, printable

NAME = "the list of files about to be deleted"


class PendingSide:
    """`pending_at`: when a key is going to be deleted. The list is read before each look, and held during it."""

    name = NAME
    fields: Sequence[pa.Field] = (SIDES.field("pending_at"),)
    saves = True  # what is on the list is no orphan, so without the list nothing is one

    def __init__(self, source: PendingSource) -> None:
        self.source = source
        self.found: PendingList | None = None  # as it was read last

    def begin(self, *, again: bool) -> None:
        self.found = None
        self.found = self.source.read()

    def columns(self, table: pa.Table, *, again: bool) -> Mapping[str, pa.Array]:
        found = self.found or PendingList()
        return {"pending_at": found.pending_at(table["key"])}

    def close(self) -> None:
        self.source.close()

    def due(self, spec: Specification, started: datetime) -> datetime:
        """Up to when an entry counts as due: what a backup says is of the backup's time."""
        return (self.source.as_of or started) + (spec.pending.near if spec.pending else timedelta(0))


def doubts(side: PendingSide | None, spec: Specification) -> list[dict[str, str]]:
    """What the list may lack without anybody noticing, for `not_audited`."""
    found = side.found if side else None
    if side is None or found is None or spec.pending is None:
        return []
    whys = []
    if not found.present:
        name = printable(spec.pending.key)
        whys.append(f"{side.source.source} has no {name!r}: nothing was on it, or it has another name")
    if found.unreadable:
        whys.append(f"{found.unreadable:,} entries of {side.source.source} name no bucket and key")
    if found.outdated:
        whys.append(f"{side.source.source} is old, and the time of {found.outdated:,} of its entries was long ago")
    return [{"what": side.name, "because": why} for why in whys]


def described(side: PendingSide | None) -> dict[str, Any] | None:
    """What summary.json says; None without a list."""
    if side is None:
        return None
    source, found = side.source, side.found
    return {
        "source": source.source,
        "as_of": isoformat(source.as_of) if source.as_of else None,
        "entries": len(found.keys) if found else None,
        "other_buckets": found.other_buckets if found else None,
        "unreadable": found.unreadable if found else None,
        "outdated": found.outdated if found else None,
        "skipped": [{"source": key, "reason": why} for key, why in getattr(source, "skipped", ())],
    }
