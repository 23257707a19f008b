"""The options of `auditor trace` that say where backups are, and which of them are of interest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from auditor.cli.connection import connection_options
from auditor.cli.parameters import Command, Size
from auditor.cli.settings import DatabaseUrl, UrlOption

_DAY = len("2026-01-02")


class Moment(click.ParamType[datetime]):
    """`2026-01-02` (its beginning, or its end) or `2026-01-02T03:04:05Z`; without an offset it is UTC."""

    name = "time"

    def __init__(self, *, end: bool = False) -> None:
        self._whole = timedelta(days=1) if end else timedelta(0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value.strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC) + (self._whole if len(value.strip()) == _DAY else timedelta(0))
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is neither a day such as 2026-01-02 nor a time such as 2026-01-02T03:04:05Z", param, ctx
            )


def source_options(command: Command) -> Command:
    """Where backups are, and what the row is now."""
    for option in (
        connection_options,
        click.option(
            "--db",
            cls=UrlOption,
            type=DatabaseUrl(),
            envvar="AUDITOR_TRACE_DB",
            show_envvar=True,
            help="The database as it is now, after all backups: sqlite:///FILE, rqlite://HOST:PORT or another that "
            "`scan` takes. Default: backups alone.",
        ),
        click.option(
            "--backups",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="FOLDER",
            help="Backups that lie in a folder already (*.bak, *.db, *.sqlite), in place of a bucket.",
        ),
    ):
        command = option(command)
    return command


def search_options(command: Command) -> Command:
    """Which backups are looked at, and how much may be downloaded."""
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Download without asking."),
        click.option(
            "--max-download", type=Size(), default="2GiB", show_default=True, help="Never download more than this."
        ),
        click.option(
            "--probes",
            type=click.IntRange(2, 10_000),
            default=8,
            show_default=True,
            help="So many backups, evenly spaced, are looked at before the row counts as never seen.",
        ),
        click.option("--every", is_flag=True, help="Look at every backup."),
        click.option("--until", type=Moment(end=True), help="Only backups of this day or time, or older."),
        click.option("--from", "since", type=Moment(), help="Only backups of this day or time, or newer."),
    ):
        command = option(command)
    return command
