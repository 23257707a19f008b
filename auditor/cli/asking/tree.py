"""`auditor tree RUN`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from auditor.cli.asking.branches import Branches
from auditor.cli.asking.parameters import chosen_run, run_argument
from auditor.cli.parameters import Size
from auditor.runs.asking.engine import open_engine
from auditor.runs.asking.question import objects_of
from auditor.runs.asking.tree import DEPTH, SORTS, Tree, View

DEEPEST = 100  # levels that are told at once


@click.command(short_help="Walk the bucket by prefix: bytes, objects, orphans.")
@run_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), help="Default: keys on a terminal, else text.")
@click.option("--depth", type=click.IntRange(1, DEEPEST), default=2, show_default=True, help="Levels, as text or JSON.")
@click.option("--min-size", type=Size(), default="0", help="Nothing that weighs less: 1000, 128KiB, 5MiB, 2GB.")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="Entries of a level, as text or JSON."
)
@click.option("--sort", type=click.Choice(SORTS), default="size", show_default=True)
@click.option("--prefix", default="", help="Only what lies under this folder; ends in a slash.")
def tree(run: Path, form: str | None, depth: int, min_size: int, limit: int, sort: str, prefix: str) -> None:
    """Show the bucket of the folder RUN by prefix: bytes, objects, what is orphaned or unknown.

    On a terminal it can be walked with keys (? lists them); nothing is scanned.
    """
    if prefix and not prefix.endswith("/"):
        raise click.UsageError(f"--prefix {prefix!r} is no folder: end it with a slash")
    record = chosen_run(run)
    root = f"{record.summary['bucket']}/"
    with open_engine() as engine:
        walking = form is None and _on_a_terminal()
        made = Tree(engine, objects_of(record), depth=DEPTH if walking else min(depth, DEPTH))
        if walking:
            from auditor.cli.asking.walk import Walk  # noqa: PLC0415 -- Textual takes half a second to import

            if failure := Walk(made, root, prefix, View(sort=sort, least=min_size)).run():
                raise failure
            return
        branches = Branches(made, View(sort=sort, limit=limit, least=min_size), depth)
        if form == "json":
            click.echo(json.dumps(branches.data(prefix), indent=2))
            return
        for line in branches.text(root, prefix):
            click.echo(line, nl=False)


def _on_a_terminal() -> bool:
    every = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    return every and os.environ.get("TERM", "dumb") != "dumb"
