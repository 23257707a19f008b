"""`auditor spec …`: the key specification itself, one module for each command."""

from __future__ import annotations

import click

from auditor.cli.spec.check import check
from auditor.cli.spec.diagram import diagram
from auditor.cli.spec.drift import drift
from auditor.cli.spec.show import show


@click.group(short_help="Look at the key specification: check, show, draw, drift.")
def spec() -> None:
    """Look at the key specification: what it says, and what is wrong with it."""


for command in (check, diagram, drift, show):
    spec.add_command(command)
