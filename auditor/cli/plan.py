"""`auditor plan RUN`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from auditor.cleanup.limits import Limits
from auditor.cleanup.plan import Planned, Refused, make_plan
from auditor.cleanup.selection import Selection, check_families, chosen_codes, read_retentions
from auditor.cli.cleanup_options import filter_options, folder_argument, limit_options, way_back_option
from auditor.cli.parameters import load_specification, specification_options
from auditor.errors import CannotStart
from auditor.plugins import load_rules
from auditor.runs.folder import open_run
from auditor.scan.rulebook import all_infos
from auditor.scan.summary import EXIT_CANNOT_START, EXIT_CLEAN, EXIT_FINDINGS
from auditor.spec import Specification
from auditor.text import human_bytes, printable


@click.command(short_help="Write a cleanup plan; nothing of it is carried out.")
@folder_argument("run")
@filter_options
@limit_options
@way_back_option
@specification_options
@click.option("--out", type=click.Path(path_type=Path), help="The plan's folder. Default: plans/<UTC time>.")
@click.pass_context
def plan(context: click.Context, /, run: Path, **given: Any) -> None:
    """Make a plan to clean up what the folder RUN of a finished run found. Nothing is carried out.

    The plan's folder has manifests for S3 Batch Operations and the AWS command line, scripts, and the evidence for
    each object. Exit code 0: a plan was written; 1: nothing was left to clean; 2: refused.
    """
    compiled = load_specification(given["spec_file"], given["bindings"])
    selection = _selection(given, compiled)
    limits = Limits(given["max_run_age"], given["min_nights"], given["max_share"], given["max_objects"])
    now = datetime.now(UTC)
    out = given["out"] or Path("plans") / now.strftime("%Y%m%dT%H%M%SZ")
    try:
        planned = make_plan(
            open_run(run),
            selection,
            limits,
            compiled,
            out,
            now,
            way_back=given["way_back"],
            override=given["override"],
        )
    except Refused as error:
        _say_refused(error)
        context.exit(EXIT_CANNOT_START)
    for line in _told(planned):
        click.echo(line)
    context.exit(EXIT_FINDINGS if planned.out is None else EXIT_CLEAN)


def _selection(given: Mapping[str, Any], compiled: Specification) -> Selection:
    """Raises CannotStart: a plan of everything is nobody's wish."""
    if not given["select"] and not given["retain_backups"]:
        raise CannotStart(
            "say what to clean: --select with REF001, REF004, REF007, UPL001 or superseded; or "
            "--retain-backups with an age"
        )
    codes, superseded = chosen_codes(all_infos(load_rules()), given["select"])
    check_families(given["families"], compiled)
    return Selection(
        codes,
        superseded,
        given["families"],
        given["prefixes"],
        given["globs"],
        given["older_than"],
        given["larger_than"],
        read_retentions(given["retain_backups"], given["keep_backups"], compiled),
    )


def _say_refused(error: Refused) -> None:
    click.echo("auditor: no plan was written:", err=True)
    for reason in error.reasons:
        click.echo(f"  {printable(reason)}.", err=True)
    if error.plan_hash is not None:
        click.echo(f"If this is meant, look at it again and pass --override {error.plan_hash}", err=True)


def _told(planned: Planned) -> Iterator[str]:
    document = planned.document
    totals = document["totals"]
    size = human_bytes(totals["bytes"])
    yield f"{totals['objects']:,} objects with {size} and {totals['uploads']:,} unfinished uploads to clean"
    for rule, entry in totals["rules"].items():
        yield f"  {rule}: {entry['objects']:,} with {human_bytes(entry['bytes'])}"
    for family, entry in totals["families"].items():
        yield f"  {printable(family) or 'no family'}: {entry['objects']:,} with {human_bytes(entry['bytes'])}"
    for reason, count in document["left_out"].items():
        yield f"left out: {count:,}, because {printable(reason)}"
    for reason in document["exceeded"]:
        yield f"let through by --override: {printable(reason)}"
    if planned.out is None:
        yield "no plan was written, since nothing is left to clean"
        return
    yield f"hash {document['hash']}"
    yield f"wrote {printable(str(planned.out))}: read README.md there; `auditor verify` it right before the cleanup"
