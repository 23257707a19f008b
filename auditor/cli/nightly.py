"""What lets `auditor scan` run every night without anybody there: one at a time, after a kill, and old runs gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from auditor.cli.abandoned import tidy_up
from auditor.cli.parameters import Command, Duration
from auditor.plugins import load_reports
from auditor.progress import Progress
from auditor.runs.folder import FIXED, OBJECTS, open_run
from auditor.runs.leftovers import remove_halves
from auditor.runs.lock import sole_audit
from auditor.runs.looked import FILENAME as LOOKED
from auditor.runs.retention import Keep, remove_old
from auditor.runs.states import FILENAME as STATES


class Age(Duration):
    """`30d`, `12h`; a bare number is days, since seconds would take every run but the newest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        bare = isinstance(value, str) and value.strip().isdigit()
        return super().convert(f"{value.strip()}d" if bare else value, param, ctx)


def nightly_options(command: Command) -> Command:
    """`--wait`, `--keep-runs` and `--keep-days`."""
    wait = click.option(
        "--wait",
        type=Duration(),
        default="0s",
        show_default=True,
        help="Wait so long for another audit of the bucket to end.",
    )
    runs = click.option(
        "--keep-runs", type=click.IntRange(1), help="Keep only the newest so many runs of the bucket. Default: all."
    )
    days = click.option(
        "--keep-days",
        type=Age(),
        help="Keep only runs that are not older (30, or 12h); with --keep-runs, what either keeps.",
    )
    return wait(runs(days(command)))


@contextmanager
def alone(bucket: str, out: Path, wait: timedelta, progress: Progress) -> Iterator[None]:
    """Holds the bucket's lock, and tidies up after audits that were killed. Raises CannotStart."""
    with sole_audit(bucket, out, wait, progress.note) as killed:
        if killed is not None:
            progress.note(f"the last audit of {bucket} was killed ({killed}); this one begins anew")
        for sentence in remove_halves(out.parent, bucket):
            progress.note(sentence)
        tidy_up(progress)
        yield


def keep_runs(given: dict[str, Any], bucket: str, out: Path, progress: Progress) -> None:
    """Removes the runs beside `out` that need not be kept."""
    keep = Keep(given["keep_runs"], given["keep_days"])
    if keep == Keep():
        return  # before anything is loaded for it
    names = {OBJECTS, STATES, FIXED, LOOKED} | {form.filename for form in load_reports().values() if form.filename}
    for sentence in remove_old(open_run(out), bucket, keep, names):
        progress.note(sentence)
