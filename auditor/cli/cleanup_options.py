"""Options of `plan` and `verify`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from auditor.cleanup.limits import Limits
from auditor.cli.parameters import Command, Duration, Size

_LIMITS = Limits()


class Retained(click.ParamType[tuple[str, timedelta]]):
    """`90d`, or `backup/redis=30d`; the family is "" for all."""

    name = "retention"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, timedelta]:
        if isinstance(value, tuple):
            return value
        family, _, age = value.strip().rpartition("=")
        return family, Duration().convert(age, param, ctx)


class Percent(click.ParamType[float]):
    """`10%` or `10`; a share from 0 to 1 when it comes out."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?) ?%?", value.strip())
        if match is None or float(match[1]) > 100:
            self.fail(f"{value!r} is not a share such as 10%", param, ctx)
        return float(match[1]) / 100


def _all(command: Command, *options: Callable[[Any], Any]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def filter_options(command: Command) -> Command:
    """What goes into a plan."""
    return _all(
        command,
        click.option(
            "--select",
            multiple=True,
            metavar="RULE",
            help="REF001, REF004, REF007, UPL001, or `superseded`: what REF004 says of files that newer ones replaced.",
        ),
        click.option("--family", "families", multiple=True, help="Only objects of this family. Repeatable."),
        click.option("--prefix", "prefixes", multiple=True, help="Only keys that begin so. Repeatable."),
        click.option("--glob", "globs", multiple=True, help="Only keys that match: * and ?. Repeatable."),
        click.option("--older-than", type=Duration(), help="Only what was written longer ago than this."),
        click.option("--larger-than", type=Size(), help="Only objects of more bytes than this."),
        click.option(
            "--retain-backups",
            type=Retained(),
            multiple=True,
            metavar="[FAMILY=]DURATION",
            help="Backups that are older, such as 90d or backup/redis=30d. Repeatable.",
        ),
        click.option(
            "--keep-backups",
            type=click.IntRange(1),
            default=3,
            show_default=True,
            help="So many sound ones of each family stay, however old.",
        ),
    )


def limit_options(command: Command) -> Command:
    """When a plan is refused."""
    return _all(
        command,
        click.option(
            "--max-run-age", type=Duration(), default="24h", show_default=True, help="An older run makes no plan."
        ),
        click.option(
            "--min-nights",
            type=click.IntRange(0),
            default=_LIMITS.min_nights,
            show_default=True,
            help="Leave out what was seen on fewer nights in a row.",
        ),
        click.option(
            "--max-share", type=Percent(), default="10%", show_default=True, help="Of objects or bytes of any family."
        ),
        click.option(
            "--max-objects", type=click.IntRange(0), default=_LIMITS.max_objects, show_default=True, help="In one plan."
        ),
        click.option("--override", metavar="HASH", help="Let the plan with this hash through, whatever its size."),
    )


def way_back_option(command: Command) -> Command:
    return click.option(
        "--way-back",
        type=Duration(),
        default="7d",
        show_default=True,
        help="How long what is tagged can be untagged before the lifecycle rule deletes it.",
    )(command)


def folder_argument(name: str) -> Callable[[Command], Command]:
    return click.argument(name, type=click.Path(path_type=Path))
