"""Where rows come from: SQLite, rqlite, a database server, or the newest readable backup in the bucket.

A source is one module with one opener; a new one is one more line in `_OPENERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auditor.errors import CannotStart
from auditor.progress import Progress
from auditor.rows.backup import BackupTier, newest_backup
from auditor.rows.base import RowSource, RowTable
from auditor.rows.rqlite import RqliteRows, parse_address
from auditor.rows.server import SCHEMES, ServerRows
from auditor.rows.sqlite import SqliteRows
from auditor.store.base import Store

__all__ = [
    "BackupTier",
    "RowSource",
    "RowTable",
    "RqliteRows",
    "ServerRows",
    "SqliteRows",
    "newest_backup",
    "open_rows",
    "parse_address",
]

_FORMS = (
    "backup, sqlite:///relative.db, sqlite:////absolute.db, rqlite://host:port, "
    "postgresql://user@host/database, mysql://user@host/database or none"
)


@dataclass(frozen=True)
class _Surroundings:
    """What an opener may need besides its own specification."""

    table: RowTable
    store: Store
    tiers: Sequence[BackupTier]
    progress: Progress


def open_rows(
    spec: str, *, table: RowTable, store: Store, tiers: Sequence[BackupTier], progress: Progress
) -> RowSource | None:
    """The source that `--db` names; None for `none`. Raises CannotStart, and never repeats what may hold a password."""
    scheme = spec.split(":", 1)[0].split("+", 1)[0].lower() if "://" in spec else spec
    opener = _OPENERS.get(scheme)
    if opener is None:
        named = f"{scheme}://" if "://" in spec and scheme.isalnum() else "the value of --db"
        raise CannotStart(f"{named} is not understood by this version: use {_FORMS}")
    return opener(spec, _Surroundings(table, store, tiers, progress))


def _backup(_: str, around: _Surroundings) -> RowSource:
    return newest_backup(around.store, around.tiers, around.table, around.progress)


def _sqlite(spec: str, around: _Surroundings) -> RowSource:
    try:
        url = make_url(spec)
    except (ArgumentError, ValueError):
        raise CannotStart(f"the sqlite:// URL of --db cannot be parsed: use {_FORMS}") from None
    if url.host or url.username or url.password or "?" in spec:
        raise CannotStart(f"a sqlite:// URL of --db names a file and takes no host, user or options: use {_FORMS}")
    if not url.database or url.database == ":memory:":
        raise CannotStart(f"the sqlite:// URL of --db names no file: use {_FORMS}")
    return SqliteRows(url.database, around.table)


def _rqlite(spec: str, around: _Surroundings) -> RowSource:
    return RqliteRows(parse_address(spec), around.table, around.progress)


def _server(spec: str, around: _Surroundings) -> RowSource:
    return ServerRows(spec, around.table, around.progress)


def _none(_: str, __: _Surroundings) -> None:
    return None


_OPENERS: dict[str, Callable[[str, _Surroundings], RowSource | None]] = {
    "backup": _backup,
    "sqlite": _sqlite,
    "rqlite": _rqlite,
    "rqlites": _rqlite,
    **dict.fromkeys(SCHEMES, _server),
    "none": _none,
}
