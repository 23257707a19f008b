"""`auditor report RUN`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from auditor.cli.parameters import screen
from auditor.errors import CannotStart
from auditor.plugins import load_reports
from auditor.protocols import Report
from auditor.record import Run
from auditor.runs.folder import open_run, write_report


def open_reports(names: Iterable[str]) -> dict[str, Report]:
    """The named formats, ready to render; raises CannotStart for one that is not installed."""
    classes = load_reports()
    unknown = sorted(set(names) - set(classes))
    if unknown:
        raise CannotStart(f"no report format {unknown[0]!r} is installed: choose from {', '.join(classes)}")
    width, color = screen()
    look: dict[str, int | bool] = {"width": width, "color": color}
    return {name: classes[name](**({} if classes[name].filename else look)) for name in dict.fromkeys(names)}


def print_reports(reports: Iterable[Report], run: Run) -> None:
    """Prints those formats that are printed."""
    for form in reports:
        if form.filename is None:
            for piece in form.render(run):
                click.echo(piece, nl=False, color=True)


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "formats", multiple=True, default=["terminal"], show_default=True, help="Repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the files. Default: the run's own folder.")
def report(run: Path, formats: tuple[str, ...], out: Path | None) -> None:
    """Make any report again from the folder RUN of a finished run; nothing is scanned."""
    record = open_run(run)
    reports = open_reports(formats)
    folder = out or run
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for form in reports.values():
            if form.filename:
                write_report(form, record, folder / form.filename)
                click.echo(folder / form.filename)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be written ({error.strerror}): name another folder with --out") from error
    print_reports(reports.values(), record)
