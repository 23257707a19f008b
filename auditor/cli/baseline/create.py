"""`auditor baseline create RUN`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from auditor.baseline.growing import Growth, grow
from auditor.cli.baseline.common import baseline_option, complete_run
from auditor.cli.parameters import selection_options
from auditor.plugins import load_rules
from auditor.scan.rulebook import all_infos
from auditor.selection import choose
from auditor.text import printable

REASON = "there when the baseline was made"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@baseline_option
@click.option("--reason", default=REASON, show_default=True, help="Why the new entries do not count.")
@selection_options
@click.option("--group", "grouped", multiple=True, metavar="RULE", help="One entry for all of the rule's findings.")
@click.option("--accept-new", is_flag=True, help="Agree that a baseline which is there already suppresses more.")
def create(
    run: Path,
    path: Path,
    reason: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    grouped: tuple[str, ...],
    accept_new: bool,
) -> None:
    """Put the findings of the folder RUN into the baseline. What is there stays, with its reason and expiry."""
    record = complete_run(run)
    if not reason.strip():
        raise click.BadParameter("say in a few words why these findings do not count", param_hint="'--reason'")
    infos = all_infos(load_rules())
    chosen, in_groups = choose(infos, select, ignore), choose(infos, grouped) if grouped else frozenset()
    today = date.fromisoformat(record.summary["started_at"][:10])
    growth = Growth(record.findings, chosen, in_groups, reason.strip(), today)
    added = grow(path, growth, accept_new=accept_new)
    for code, count in sorted(added.items()):
        click.echo(f"{code}  {count:,} more", err=True)
    click.echo(f"wrote {printable(str(path))}", err=True)
