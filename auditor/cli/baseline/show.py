"""`auditor baseline show [RUN]`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import click

from auditor.baseline.entries import Entry, Group, holds
from auditor.baseline.file import read_entries
from auditor.baseline.shelf import Shelf
from auditor.baseline.usage import Usage
from auditor.cli.baseline.common import baseline_option
from auditor.runs.folder import open_run
from auditor.text import printable


@click.command()
@click.argument("run", type=click.Path(path_type=Path), required=False)
@baseline_option
def show(run: Path | None, path: Path) -> None:
    """List the entries of the baseline: rule, expiry, what it is about, reason; with RUN, how many it suppresses."""
    record = open_run(run) if run else None
    today = date.fromisoformat(record.summary["started_at"][:10]) if record else datetime.now(UTC).date()
    with closing(Shelf(read_entries(path))) as shelf:
        usage = Usage(shelf, record.findings, today) if record else None
        for line in _lines(shelf, usage, today):
            click.echo(line)


def _lines(shelf: Shelf, usage: Usage | None, today: date) -> Iterator[str]:
    counting = f"{'findings':>9}  " if usage else ""
    yield f"{'rule':<7}  {counting}{'expires':<10}  what: reason"
    for entry in shelf.entries():
        count = f"{_count(usage, entry):>9}  " if usage else ""
        yield f"{entry.rule:<7}  {count}{_expiry(entry, today):<10}  {_what(entry)}: {printable(entry.reason)}"


def _count(usage: Usage, entry: Entry) -> str:
    matched = usage.matched(entry)
    return f"{matched:,}" + ("!" if isinstance(entry, Group) and matched > entry.at_most else "")


def _expiry(entry: Entry, today: date) -> str:
    if entry.expires is None:
        return "never"
    return entry.expires.isoformat() if holds(entry, today) else "expired"


def _what(entry: Entry) -> str:
    if isinstance(entry, Group):
        return f"{printable(entry.glob)}, at most {entry.at_most:,}"
    return printable(entry.key) or "no key"
