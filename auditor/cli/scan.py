"""`auditor scan BUCKET`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli.connection import connection, connection_options, database_option, pending_option
from auditor.cli.history import history_options, open_beside, warn_of_baseline
from auditor.cli.interrupts import terminated_like_interrupted
from auditor.cli.nightly import alone, keep_runs, nightly_options
from auditor.cli.parameters import Amount, Duration, load_specification, selection_options, specification_options
from auditor.cli.pending import backup_tiers, pending_list
from auditor.cli.progress import shown_progress
from auditor.cli.report import open_reports, print_reports
from auditor.cli.settings import PathOr, stronger
from auditor.cli.telling import signs_of_life, tell, telling_options
from auditor.findings import Severity
from auditor.plugins import default_formats, load_rules
from auditor.progress import Progress
from auditor.protocols import Report
from auditor.rows import open_rows
from auditor.rows.base import RowSource, RowTable
from auditor.runs.folder import RunFolder, open_run, publish, staging
from auditor.scan.audit import audit
from auditor.scan.case import Clock, open_case
from auditor.scan.content.budget import Limit
from auditor.scan.content.turns import Level
from auditor.scan.content.verified import Verified
from auditor.scan.options import Options
from auditor.scan.rulebook import all_infos, columns_read
from auditor.scan.sides import sides_of
from auditor.scan.summary import EXIT_CLEAN, EXIT_FINDINGS
from auditor.selection import choose
from auditor.spec import Specification
from auditor.store import open_store
from auditor.store.base import Store
from auditor.text import printable

STATE_FILE = "contents.sqlite"
THE_RECORD = ("csv", "json")  # always written: a run folder without them could not be read again


@click.command(short_help="Audit a bucket and write a run folder.")
@click.argument("bucket", envvar="AUDITOR_BUCKET")
@database_option(
    "backup, sqlite:///FILE, rqlite://HOST:PORT, postgresql://USER@HOST/DATABASE, mysql://USER@HOST/DATABASE, "
    "or none. A URL with a password is better given by the environment.",
    default="backup",
)
@pending_option("Files about to be deleted: backup, redis://HOST:PORT/DB or none. Default: backup, if there is one.")
@specification_options
@selection_options
@history_options
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder. Default: audits/<UTC time>.")
@click.option("--min-age", type=Duration(), default="24h", show_default=True, help="Nothing younger is accused.")
@click.option("--settle", type=Duration(), default="60s", show_default=True, help="Wait before the second look.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Key ranges at a time.")
@click.option(
    "--fail-on", type=click.Choice([str(severity) for severity in Severity]), default="warning", show_default=True
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 for findings, too: not for an audit that failed.")
@click.option("--format", "formats", multiple=True, help="Repeatable. Default: csv, html, json, terminal.")
@click.option(
    "--content",
    type=click.Choice([str(level) for level in Level]),
    default="headers",
    show_default=True,
    help="How much of the objects is read.",
)
@click.option("--no-content", is_flag=True, help="The same as --content none.")
@click.option("--content-budget", type=Amount(), help="Read no more than this in one run: 5GiB, or 30m. Default: all.")
@click.option(
    "--content-every", type=Duration(), default="30d", show_default=True, help="Read what is unchanged again."
)
@click.option(
    "--content-state",
    type=PathOr("none"),
    metavar="FILE",
    help="What was read when, or none. Default: contents.sqlite beside the folder.",
)
@connection_options
@nightly_options
@telling_options
@click.pass_context
def scan(context: click.Context, /, bucket: str, **given: Any) -> None:
    """Audit BUCKET (s3://name[/prefix] or file:///folder) and write a run folder. Nothing is ever changed."""
    if stronger(context, "content", "no_content"):
        given["no_content"] = False
    with terminated_like_interrupted(), signs_of_life(given, bucket) as ended:
        code = _scan(context, bucket, given)
        ended(code)
    context.exit(EXIT_CLEAN if given["exit_zero"] and code == EXIT_FINDINGS else code)


def _scan(context: click.Context, bucket: str, given: dict[str, Any]) -> int:
    """From the document to those who are told; the exit code."""
    compiled = load_specification(given["spec_file"], given["bindings"])
    reports = open_reports([*THE_RECORD, *(given["formats"] or default_formats())])
    out = given["out"] or Path("audits") / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    with shown_progress() as progress, ExitStack() as stack:
        out = _audit(stack, context, bucket, given, compiled, reports, out, progress)
    run = open_run(out)
    code = _told(run, reports, out)
    tell(given, run, out)
    return code


def _audit(
    stack: ExitStack,
    context: click.Context,
    bucket: str,
    given: dict[str, Any],
    compiled: Specification,
    reports: dict[str, Report],
    out: Path,
    progress: Progress,
) -> Path:
    """Everything that can be refused without asking anybody comes first; the run folder's name comes last."""
    rules = load_rules()
    selected = choose(all_infos(rules), given["select"], given["ignore"])
    store, prefix = open_store(bucket, **connection(given))
    stack.enter_context(closing(store))
    stack.enter_context(alone(store.url, out, given["wait"], progress))
    clock = Clock(store.clock())
    folder = stack.enter_context(staging(out, store.url))
    beside = open_beside(stack, context, given, all_infos(rules), store.url, out, clock.started)
    rows = _open_rows(stack, given["db"], compiled, store, progress)
    pending, lacking = pending_list(given["pending"], rows, compiled, store, clock.started, progress)
    case = open_case(
        store=store,
        rows=rows,
        spec=compiled,
        rules=rules,
        selected=selected,
        options=_options(given, prefix),
        clock=clock,
        folder=folder,
        progress=progress,
        sides=sides_of(rows, compiled, columns_read(rules, selected)),
        pending=pending,
        not_audited=lacking,
        verified=_open_state(stack, given, store, out),
    )
    out = publish(beside.annotate(audit(case, folder), folder), reports, folder, out)
    beside.remember(open_run(out))
    keep_runs(given, store.url, out, progress)
    return out


def _told(run: RunFolder, reports: dict[str, Report], out: Path) -> int:
    """Prints what is printed, then where the rest lies."""
    print_reports(reports.values(), run)
    warn_of_baseline(run)
    for form in reports.values():
        if form.filename:
            click.echo(f"wrote {printable(str(out / form.filename))}")
    return int(run.summary["exit_code"])


def _options(given: dict[str, Any], prefix: str) -> Options:
    return Options(
        prefix=prefix,
        min_age=given["min_age"],
        settle=given["settle"],
        workers=given["workers"],
        content=Level.NONE if given["no_content"] else Level(given["content"]),
        limit=given["content_budget"] or Limit(),
        every=given["content_every"],
        fail_on=Severity(given["fail_on"]),
    )


def _open_rows(
    stack: ExitStack, db: str, compiled: Specification, store: Store, progress: Progress
) -> RowSource | None:
    tiers = backup_tiers(compiled, compiled.database_backups)
    rows = open_rows(db, table=RowTable(**compiled.rows), store=store, tiers=tiers, progress=progress)
    if rows is not None:
        stack.enter_context(closing(rows))
    return rows


def _open_state(stack: ExitStack, given: dict[str, Any], store: Store, out: Path) -> Verified | None:
    if given["content_state"] == "none" or given["no_content"] or given["content"] == Level.NONE:
        return None
    path = Path(given["content_state"]) if given["content_state"] else out.parent / STATE_FILE
    return stack.enter_context(closing(Verified(path, store.url)))
