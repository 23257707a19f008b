"""`auditor baseline …`: findings that a team has decided to live with, one module for each command."""

from __future__ import annotations

import click

from auditor.cli.baseline.create import create
from auditor.cli.baseline.prune import prune
from auditor.cli.baseline.show import show


@click.group(short_help="Keep the findings that are reported and do not count.")
def baseline() -> None:
    """Keep the file of findings that are reported and do not count."""


for command in (create, prune, show):
    baseline.add_command(command)
