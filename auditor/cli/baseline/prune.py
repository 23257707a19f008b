"""`auditor baseline prune RUN`."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.baseline.common import baseline_option, complete_run
from auditor.history.pruning import prune as pruned
from auditor.plugins import load_rules
from auditor.scan.rulebook import all_infos
from auditor.text import printable


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@baseline_option
def prune(run: Path, path: Path) -> None:
    """Drop from the baseline what the run in the folder RUN looked for and does not have, and what has expired."""
    done = pruned(path, complete_run(run), all_infos(load_rules()))
    went = f"{done.gone:,} gone, {done.expired:,} expired"
    click.echo(f"{went}, {done.lowered:,} groups allow fewer, {done.left:,} left", err=True)
    click.echo(f"wrote {printable(str(path))}", err=True)
