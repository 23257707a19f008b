"""`auditor verify PLAN`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from auditor.cleanup.after import Aftermath, Looking
from auditor.cleanup.fresh import write_fresh
from auditor.cleanup.limits import CLOCKS
from auditor.cleanup.model import RETENTION
from auditor.cleanup.reading import PlanFolder, open_plan
from auditor.cleanup.verdict import Verdict
from auditor.cleanup.verify import Verification, check_vouched
from auditor.cleanup.witnesses import seen_in
from auditor.cli.cleanup_options import folder_argument, way_back_option
from auditor.cli.connection import connection_options, database_option, pending_option
from auditor.cli.parameters import Duration, load_specification, specification_options
from auditor.cli.progress import shown_progress
from auditor.cli.verify_opening import (
    check_database,
    open_bucket,
    open_live_rows,
    open_pending_list,
    opened_case,
)
from auditor.errors import CannotStart
from auditor.progress import Progress
from auditor.runs.folder import staging
from auditor.scan.case import Clock
from auditor.scan.summary import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INCOMPLETE
from auditor.spec import Specification
from auditor.store.base import Store
from auditor.text import human_bytes, printable

_AFTERWARDS = {
    Verdict.GONE: "gone",
    Verdict.READY: "still there",
    Verdict.CHANGED: "written anew",
    Verdict.UNSURE: "could not be looked at",
}
_WORDS = {
    Verdict.READY: "still to be cleaned",
    Verdict.REFERENCED: "referenced now, or about to be deleted by others",
    Verdict.CHANGED: "changed",
    Verdict.GONE: "gone",
    Verdict.UNSURE: "could not be looked at to the end",
}


@click.command(short_help="Look again at what a plan holds, before a cleanup or after it.")
@folder_argument("plan")
@click.option("--after", is_flag=True, help="After the cleanup: say what is gone, what remains and what failed.")
@database_option("The live database, as for scan. Needed where the plan rests on rows.")
@click.option("--allow-backup", is_flag=True, help="Let a backup stand in for the live database.")
@pending_option("Files about to be deleted, as for scan.")
@click.option("--settle", type=Duration(), default="60s", show_default=True, help="Wait before the second look.")
@way_back_option
@specification_options
@connection_options
@click.option("--out", type=click.Path(path_type=Path), help="Default: PLAN/verified-<UTC time>.")
@click.pass_context
def verify(context: click.Context, /, plan: Path, **given: Any) -> None:
    """Look at every object of PLAN again, right before the cleanup, and write fresh manifests of what may still go.

    Nothing is ever changed. Exit code 0: all of it; 1: only a part; 2: could not start; 3: some could not be looked at.
    With --after, 0: all is gone; 1: some remain, or their rows do; 3: some could not be looked at.
    """
    made = open_plan(plan)
    compiled = load_specification(given["spec_file"], given["bindings"])
    if compiled.sha256 != made.document["run"]["document_sha256"]:
        raise CannotStart("the plan was made with another document than this one: name the same with --spec")
    with shown_progress() as progress, ExitStack() as stack:
        code = (_after if given["after"] else _before)(stack, made, given, compiled, progress)
    context.exit(code)


def _before(
    stack: ExitStack, made: PlanFolder, given: dict[str, Any], compiled: Specification, progress: Progress
) -> int:
    rests_on_rows = bool(made.rules() - {RETENTION, "UPL001"})
    check_database(given, needed=rests_on_rows)
    out = given["out"] or made.folder / f"verified-{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}"
    store = open_bucket(stack, made, given)
    clock = _checked_clock(store)
    folder = stack.enter_context(staging(out, f"plan for {made.document['run']['url']}"))
    work = folder / "work"
    work.mkdir(mode=0o700)
    rows = open_live_rows(stack, given, compiled, store, progress) if rests_on_rows else None
    pending = open_pending_list(made, given, rows, compiled, store, clock, progress)
    with opened_case(made, compiled, store, clock, work, given["settle"], progress, rows, pending) as case:
        check_vouched(case, made)
        verification = Verification(made, case, work)
        document = write_fresh(verification, folder, given["way_back"])
    shutil.rmtree(work)
    folder.rename(out)
    return _say_split(document, verification.result.errors, out)


def _checked_clock(store: Store) -> Clock:
    """Raises CannotStart: the scripts ask this machine's clock, or one like it, whether the hour is over."""
    clock = Clock(store.clock())
    apart = abs(datetime.now(UTC) - clock.started)
    if apart > CLOCKS:
        raise CannotStart(
            f"this machine's clock and the store's are {apart.total_seconds() / 60:,.0f} minutes apart, so nobody "
            "could tell how long the look is good: set the clock right"
        )
    return clock


def _say_split(document: Mapping[str, Any], errors: list[dict[str, str]], out: Path) -> int:
    split = document["verified"]["split"]
    for error in errors:
        click.echo(printable(f"{error['what']}: {error['message']}"), err=True)
    for verdict, words in _WORDS.items():
        entry = split[verdict]
        if entry["objects"] or verdict is Verdict.READY:
            click.echo(f"{verdict}: {entry['objects']:,} with {human_bytes(entry['bytes'])} ({words})")
    click.echo(f"hash {document['hash']}")
    ready = split[Verdict.READY]["objects"]
    use = f"use it before {document['verified']['use_before']}" if ready else "nothing in it may go"
    click.echo(f"wrote {printable(str(out))}: {use}")
    if split[Verdict.UNSURE]["objects"]:
        return EXIT_INCOMPLETE
    whole = sum(entry["objects"] for entry in split.values())
    return EXIT_CLEAN if split[Verdict.READY]["objects"] == whole else EXIT_FINDINGS


def _after(
    stack: ExitStack, made: PlanFolder, given: dict[str, Any], compiled: Specification, progress: Progress
) -> int:
    store = open_bucket(stack, made, given)
    store.clock()
    if not seen_in(store, made.document["witnesses"]):
        raise CannotStart("most objects that were in the bucket of the run are not in this one: check --endpoint-url")
    named = given["db"] not in (None, "none", "backup")  # a backup has the rows that were there before the cleanup
    rows = open_live_rows(stack, given, compiled, store, progress) if named else None
    found = Looking(made, store, rows, progress).run()
    for line in _aftermath(found):
        click.echo(line)
    if found.unsure:
        return EXIT_INCOMPLETE
    return EXIT_FINDINGS if found.remains else EXIT_CLEAN


def _aftermath(found: Aftermath) -> Iterator[str]:
    for verdict, words in _AFTERWARDS.items():
        if found.counts[verdict] or verdict is Verdict.GONE:
            yield f"{words}: {found.counts[verdict]:,} with {human_bytes(found.sizes[verdict])}"
    if found.recoverable:
        size = human_bytes(found.recoverable_bytes)
        yield f"can be brought back: {found.recoverable:,} with {size}, until their old versions are removed (undo.sh)"
    if found.rows:
        yield f"rows that must be deleted now: {found.rows:,} (rows.csv)"
    if found.rows_unknown:
        yield f"rows of which nobody knows whether they are still there: {found.rows_unknown:,} (name --db)"
    for remark in found.remarks:
        yield printable(remark)
    for judged in found.shown:
        why = f", {judged.why}" if judged.why else ""
        yield f"  {_AFTERWARDS[judged.verdict]}{why}: {printable(judged.item.key)}"
