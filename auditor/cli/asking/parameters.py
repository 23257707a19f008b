"""Options and parameter types of questions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from auditor.cli.parameters import Command, Duration, Size
from auditor.errors import CannotStart
from auditor.runs.asking.choosing import choose_run, started
from auditor.runs.asking.filters import Filters
from auditor.runs.folder import RunFolder
from auditor.text import printable

NO_FAMILY = "-"


class Moment(click.ParamType["timedelta | datetime"]):
    """A duration before the run began (`30d`), or a date (`2026-01-31`, `2026-01-31T12:00:00Z`), which is UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta | datetime:
        if isinstance(value, timedelta | datetime):
            return value
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return self._duration(value, param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _duration(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return Duration().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is neither a duration such as 30d nor a date such as 2026-01-31", param, ctx)


_FILTERS = (
    click.option("--family", "families", multiple=True, help=f"Only of this family; {NO_FAMILY} for none. Repeatable."),
    click.option("--prefix", help="Only keys that begin so, literally."),
    click.option(
        "--glob", "globs", multiple=True, help="Only keys like this: * is anything, ? one character. Repeatable."
    ),
    click.option("--older-than", type=Moment(), help="Stored longer before the run than this (30d), or before a date."),
    click.option("--newer-than", type=Moment(), help="Stored later than that."),
    click.option("--larger-than", type=Size(), help="More bytes than this: 1000, 128KiB, 5MiB, 2GB."),
    click.option("--smaller-than", type=Size(), help="Fewer bytes."),
)


def filter_options(command: Command) -> Command:
    """What `filters` reads."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def run_argument(command: Command) -> Command:
    return click.argument("run", type=click.Path(path_type=Path))(command)


def chosen_run(path: Path) -> RunFolder:
    """The run that is asked; what a reader must know about it is said."""
    run = choose_run(path)
    if run.folder != path:
        click.echo(f"asking {printable(str(run.folder))}, the newest complete run there", err=True)
    if not run.summary.get("complete"):
        click.echo("the run is incomplete: what could not be read is missing here", err=True)
    return run


def filters(run: RunFolder, given: dict[str, Any], **more: tuple[str, ...]) -> Filters:
    """Raises CannotStart for a family that the run does not know."""
    return Filters(
        families=tuple(_family(run, name) for name in given["families"]),
        prefix=given["prefix"] or "",
        globs=given["globs"],
        older_than=_moment(run, given["older_than"]),
        newer_than=_moment(run, given["newer_than"]),
        larger_than=given["larger_than"],
        smaller_than=given["smaller_than"],
        **more,
    )


def _family(run: RunFolder, name: str) -> str | None:
    known = run.summary.get("families", {})
    if name == NO_FAMILY:
        return None
    if name in known:
        return name
    near = get_close_matches(name, known, 1)
    hint = f"the nearest is {near[0]!r}" if near else f"`{NO_FAMILY}` is for keys of no family"
    raise CannotStart(f"the run knows no family {name!r}: {hint}, and --sum family lists what holds objects")


def _moment(run: RunFolder, bound: timedelta | datetime | None) -> datetime | None:
    if not isinstance(bound, timedelta):
        return bound
    try:
        return started(run) - bound
    except OverflowError as error:
        raise CannotStart("a duration goes back beyond the year 1: give a shorter one") from error
