"""What the commands about a baseline share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from auditor.errors import CannotStart
from auditor.runs.folder import RunFolder, open_run

Command = TypeVar("Command", bound=Callable[..., Any])


def file_option(command: Command) -> Command:
    """`--file`, handed over as `path`."""
    return click.option(
        "--file",
        "path",
        type=click.Path(path_type=Path, dir_okay=False),
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
