"""`--pending`, and where the backups are that bindings name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from auditor.errors import CannotStart
from auditor.pending import PendingSource, open_pending
from auditor.progress import Progress
from auditor.rows import BackupTier
from auditor.rows.base import RowSource
from auditor.scan.pending import NAME
from auditor.spec import Family, Specification
from auditor.store.base import Store

NotAudited = list[dict[str, str]]


def pending_list(
    given: str | None,
    rows: RowSource | None,
    compiled: Specification,
    store: Store,
    now: datetime,
    progress: Progress,
) -> tuple[PendingSource | None, NotAudited]:
    """The list that is asked for, and what to say where there is none.

    Unless it is named, it is that of the newest redis backup; there need be none, and then the run does without.
    Raises CannotStart for what was named and cannot be read.
    """
    key = compiled.pending.key if compiled.pending else None
    tiers = backup_tiers(compiled, compiled.redis_backups)
    if given is not None:
        found = open_pending(given, key=key, store=store, tiers=tiers, now=now, progress=progress)
        return found, [] if found or key is None else _because("the run was told not to read it")
    if key is None or rows is None:
        return None, []  # nothing in the bindings speaks of a list, or it would change nothing
    try:
        return open_pending("backup", key=key, store=store, tiers=tiers, now=now, progress=progress), []
    except CannotStart as error:
        return None, _because(f"{error}; name a redis with --pending redis://HOST:PORT/DB")


def backup_tiers(compiled: Specification, families: Iterable[Family]) -> list[BackupTier]:
    return [BackupTier(family.literal, _time_in(compiled, family)) for family in families]


def _time_in(compiled: Specification, family: Family) -> Callable[[str], datetime | None]:
    """The time that a key of this family tells; keys of other families below the same prefix tell none."""

    def time_of(key: str) -> datetime | None:
        return compiled.backup_time(key) if compiled.explain(key).family == family.name else None

    return time_of


def _because(why: str) -> NotAudited:
    return [{"what": NAME, "because": why}]
