"""What the commands about a baseline share."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.parameters import Command
from auditor.errors import CannotStart
from auditor.runs.folder import RunFolder, open_run


def baseline_option(command: Command) -> Command:
    """`--baseline`, handed over as `path`."""
    return click.option(
        "--baseline",
        "path",
        type=click.Path(path_type=Path),
        default=Path("baseline.jsonl"),
        show_default=True,
        envvar="AUDITOR_BASELINE",
        show_envvar=True,
        help="The baseline.",
    )(command)


def complete_run(folder: Path) -> RunFolder:
    """Raises CannotStart for a run that is not complete: what it does not have may be there all the same."""
    run = open_run(folder)
    if not run.summary["complete"]:
        raise CannotStart(f"the run {folder} is not complete, so no baseline can rest on it: take a complete one")
    return run
