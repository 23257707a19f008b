"""What `auditor verify` opens: bucket, live rows, the list of files about to be deleted, and a case for the judge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from auditor.cleanup.reading import PlanFolder
from auditor.cli.connection import connection
from auditor.cli.pending import backup_tiers, pending_list
from auditor.errors import CannotStart
from auditor.findings import Need
from auditor.pending import PendingSource
from auditor.plugins import load_rules
from auditor.progress import Progress
from auditor.rows import open_rows
from auditor.rows.base import RowSource, RowTable
from auditor.scan.case import Case, Clock, open_case
from auditor.scan.content.turns import Level
from auditor.scan.options import Options
from auditor.scan.rulebook import columns_read
from auditor.scan.sides import sides_of
from auditor.spec import Specification
from auditor.store import open_store
from auditor.store.base import Store


def open_bucket(stack: ExitStack, made: PlanFolder, given: dict[str, Any]) -> Store:
    store, _ = open_store(made.document["run"]["url"], **connection(given))
    stack.enter_context(closing(store))
    return store


def check_database(given: dict[str, Any], *, needed: bool) -> None:
    """Raises CannotStart, before anything is downloaded, where no live database is named."""
    if needed and given["db"] in (None, "none"):
        raise CannotStart(
            "the plan rests on rows, so they must be looked at again: name the live database with --db, such as "
            "sqlite:////var/lib/app.db or rqlite://host:4001"
        )
    if needed and given["db"] == "backup" and not given["allow_backup"]:
        raise CannotStart(
            "a backup does not know of rows that came after it: name the live database with --db, or pass "
            "--allow-backup if there is none"
        )


def open_live_rows(
    stack: ExitStack, given: dict[str, Any], compiled: Specification, store: Store, progress: Progress
) -> RowSource | None:
    tiers = backup_tiers(compiled, compiled.database_backups)
    rows = open_rows(given["db"], table=RowTable(**compiled.rows), store=store, tiers=tiers, progress=progress)
    if rows is not None:
        stack.enter_context(closing(rows))
    return rows


def open_pending_list(
    made: PlanFolder,
    given: dict[str, Any],
    rows: RowSource | None,
    compiled: Specification,
    store: Store,
    clock: Clock,
    progress: Progress,
) -> PendingSource | None:
    """Raises CannotStart where the run had a list and this look would not."""
    found, lacking = pending_list(given["pending"], rows, compiled, store, clock.started, progress)
    if found is None and rows is not None and given["pending"] is None and made.document["run"]["pending_source"]:
        raise CannotStart(
            "the run knew which files are about to be deleted, and no such list can be read now: name it with "
            "--pending redis://HOST:PORT/DB, or pass --pending none to do without"
        )
    for one in lacking if rows is not None else ():
        progress.note(f"{one['what']} is not looked at, because {one['because']}")
    return found


@contextmanager
def opened_case(
    made: PlanFolder,
    compiled: Specification,
    store: Store,
    clock: Clock,
    folder: Path,
    settle: timedelta,
    progress: Progress,
    rows: RowSource | None,
    pending: PendingSource | None,
) -> Iterator[Case]:
    """The case of an audit that judges by the rules of the plan. Raises CannotStart where one of them cannot run."""
    rules, about = load_rules(), made.document["run"]
    selected = made.rules() & {"REF001", "REF004", "REF007"}
    case = open_case(
        store=store,
        rows=rows,
        spec=compiled,
        rules=rules,
        selected=selected,
        options=Options(
            prefix=about["prefix"],
            min_age=timedelta(seconds=about["min_age_seconds"]),
            settle=settle,
            content=Level.NONE,
        ),
        clock=clock,
        folder=folder,
        progress=progress,
        sides=sides_of(rows, compiled, columns_read(rules, selected)),
        pending=pending,
    )
    try:
        silent = [code for code in sorted(selected) if not case.book.runs(code)]
        if silent:
            why = case.book.reasons.get(Need.REFERENCES, Need.REFERENCES.value)
            raise CannotStart(f"{silent[0]} cannot be looked at again, because {why}: name the database of the run")
        yield case
    finally:
        case.sides.close()
