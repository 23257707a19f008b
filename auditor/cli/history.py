"""The history and the baseline of `auditor scan`: their options, and what is done with them around a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from auditor.baseline.baseline import Baseline
from auditor.cli.parameters import Command
from auditor.cli.settings import PathOr
from auditor.errors import AuditorError, CannotStart
from auditor.findings import RuleInfo, Severity
from auditor.history.annotate import Annotator
from auditor.history.file import FILENAME
from auditor.history.past import History
from auditor.history.record import catch_up, record
from auditor.history.tally import Threshold
from auditor.record import Run
from auditor.runs.folder import RunFolder
from auditor.text import isoformat, printable

SEVERITIES = click.Choice([str(severity) for severity in Severity])


def history_options(command: Command) -> Command:
    """`--history`, `--baseline` and `--fail-on-new`."""
    history = click.option(
        "--history",
        type=PathOr("none"),
        metavar="FILE",
        envvar="AUDITOR_HISTORY",
        show_envvar=True,
        help=f"What earlier runs found, or none. Default: {FILENAME} beside the folder.",
    )
    baseline = click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        envvar="AUDITOR_BASELINE",
        show_envvar=True,
        help="Findings that are reported and do not count.",
    )
    new = click.option(
        "--fail-on-new",
        type=SEVERITIES,
        help="Fail for new findings from this severity on; for no others, unless --fail-on is given, too.",
    )
    return history(baseline(new(command)))


@dataclass(frozen=True)
class Beside:
    """What a run is compared with, for the length of a scan."""

    annotate: Annotator
    history: History | None

    def remember(self, run: RunFolder) -> None:
        """Records a run whose folder has its name. One that cannot be recorded now will be by the next scan."""
        if self.history is not None:
            try:
                record(self.history, run)
            except AuditorError as error:
                _warn(str(error))


def open_beside(
    stack: ExitStack,
    context: click.Context,
    given: Mapping[str, Any],
    infos: Mapping[str, RuleInfo],
    bucket: str,
    out: Path,
    started: datetime,
) -> Beside:
    """Opens both files and catches up with runs that were not recorded. Raises CannotStart."""
    threshold = _threshold(context, given)
    baseline = None
    if given["baseline"] is not None:
        baseline = stack.enter_context(closing(Baseline(given["baseline"], started.date())))
    history = None
    if given["history"] != "none":
        path = Path(given["history"]) if given["history"] else out.parent / FILENAME
        history = stack.enter_context(closing(History(path, bucket)))
        for trouble in catch_up(history, out.parent):
            _warn(trouble)
        _warn_of_clock(history, started)
    return Beside(Annotator(infos, history, baseline, threshold), history)


def _warn_of_clock(history: History, started: datetime) -> None:
    """Or every run until then would call the same findings new."""
    newest = history.newest()
    if newest is not None and newest.started_at >= started:
        _warn(
            f"{history.path} has a run that began at {isoformat(newest.started_at)}, after this one, which so changes "
            "nothing in it: if a clock was wrong, move the history and the folder of that run away, and the next scan "
            "builds it again from the others"
        )


def warn_of_baseline(run: Run) -> None:
    """A line for what is easily overlooked."""
    for line in _said(run.summary):
        _warn(line)


def _said(summary: Mapping[str, Any]) -> Iterator[str]:
    baseline = summary.get("baseline") or {"exceeded": [], "expired": 0}
    for group in baseline["exceeded"]:
        yield (
            f"the baseline allows {group['at_most']:,} findings of {group['rule']} at {group['glob']}, there are "
            f"{group['matched']:,}: it suppresses none of them"
        )
    if baseline["expired"]:
        yield f"entries of the baseline that have expired: {baseline['expired']:,}; they suppress nothing"


def _threshold(context: click.Context, given: Mapping[str, Any]) -> Threshold:
    """`--fail-on` has a default, which does not hold beside `--fail-on-new`."""
    new = given["fail_on_new"]
    if new is None:
        return Threshold(Severity(given["fail_on"]))
    if given["history"] == "none":
        raise CannotStart("--fail-on-new needs to know what is new: give it a history, or leave it out")
    default = context.get_parameter_source("fail_on") is ParameterSource.DEFAULT
    return Threshold(None if default else Severity(given["fail_on"]), Severity(new))


def _warn(line: str) -> None:
    click.echo(f"auditor: {printable(line)}", err=True)
