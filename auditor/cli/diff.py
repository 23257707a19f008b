"""`auditor diff OLD NEW`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click

from auditor.cli.diffs import as_csv, as_json, as_text
from auditor.cli.history import SEVERITIES
from auditor.findings import Severity
from auditor.history.diff import Diff, Verdict
from auditor.history.tally import EXIT_CLEAN, EXIT_FINDINGS, counts
from auditor.plugins import load_rules
from auditor.runs.folder import open_run
from auditor.scan.rulebook import all_infos

FORMS: dict[str, Callable[[Diff, int], Iterator[str]]] = {"text": as_text, "json": as_json, "csv": as_csv}


@click.command(short_help="What is new, fixed and known between two runs.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="New and fixed findings that text lists."
)
@click.option("--fail-on-new", type=SEVERITIES, help="Exit with 1 if there are new findings from this severity on.")
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, form: str, limit: int, fail_on_new: str | None) -> None:
    """Tell what is new, fixed and known between the folders OLD and NEW of two runs of one bucket."""
    infos = all_infos(load_rules())
    with closing(Diff(open_run(old), open_run(new), infos)) as found:
        for piece in FORMS[form](found, limit):
            click.echo(piece, nl=False, color=True)  # or what looks like an escape would be left out
        bad = fail_on_new is not None and any(
            finding.severity >= Severity(fail_on_new) and finding.suppressed is None and counts(finding, infos)
            for finding in found.findings(Verdict.NEW)
        )
    context.exit(EXIT_FINDINGS if bad else EXIT_CLEAN)
