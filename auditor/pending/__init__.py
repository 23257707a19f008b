"""The list of files about to be deleted: from a running redis, or from the newest redis backup in the bucket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from auditor.errors import CannotStart
from auditor.pending.address import SCHEMES, parse_address
from auditor.pending.backup import BackupPending, newest_list
from auditor.pending.base import PendingList, PendingSource
from auditor.pending.server import RedisPending
from auditor.progress import Progress
from auditor.rows.backup import BackupTier
from auditor.store.base import Store

__all__ = [
    "BackupPending",
    "PendingList",
    "PendingSource",
    "RedisPending",
    "newest_list",
    "open_pending",
    "parse_address",
]

_FORMS = "backup, redis://HOST:PORT/DB, rediss://…, redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB or none"


def open_pending(
    spec: str, *, key: str | None, store: Store, tiers: Sequence[BackupTier], now: datetime, progress: Progress
) -> PendingSource | None:
    """The source that `--pending` names; None for `none`. `key` is the sorted set's, None if the bindings name none.

    `now` is the store's time. Raises CannotStart, and never repeats what may hold a password.
    """
    if spec == "none":
        return None
    scheme = spec.split(":", 1)[0].lower() if "://" in spec else spec
    if scheme not in (*SCHEMES, "backup"):
        raise CannotStart(f"the value of --pending is not understood: use {_FORMS}")
    if key is None:
        raise CannotStart("the bindings do not say where the list of pending deletions is: add [pending] with its key")
    if scheme == "backup":
        return newest_list(store, tiers, key, now, progress)
    return RedisPending(parse_address(spec), key, store.bucket, progress)
