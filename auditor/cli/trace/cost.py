"""What a trace will download, said and agreed to before anything is."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from auditor.cli.trace.sources import Place
from auditor.errors import CannotStart
from auditor.text import human_bytes
from auditor.tracing import Backup, most_looks


def most_bytes(backups: Sequence[Backup], *, probes: int, every: bool) -> tuple[int, int]:
    """How many backups a search fetches at most, and what these take should they be the largest."""
    looks = most_looks(len(backups), probes=probes, every=every)
    return looks, sum(sorted((backup.size for backup in backups), reverse=True)[:looks])


def agree(place: Place, *, probes: int, every: bool, limit: int, yes: bool) -> None:
    """Says the cost on standard error; asks on a terminal. Raises CannotStart and click.Abort."""
    looks, size = most_bytes(place.backups, probes=probes, every=every)
    count, whole = len(place.backups), sum(backup.size for backup in place.backups)
    some = "all" if looks == count else f"up to {looks:,}"
    if not place.remote:
        click.echo(
            f"{count:,} backups, {human_bytes(whole)}: {some} of them will be read, none is downloaded", err=True
        )
        return
    more = f"; more, up to {human_bytes(limit)}, if the row came or changed more than once"
    said = f"{count:,} backups, {human_bytes(whole)}: {some} of them will be downloaded, {human_bytes(size)}"
    click.echo(said + (more if looks < count and size < limit else ""), err=True)
    if size > limit:
        raise CannotStart(
            f"up to {human_bytes(size)} may have to be downloaded and --max-download allows {human_bytes(limit)}: "
            f"raise it to {_enough(size)}, or narrow the time with --from and --until"
        )
    if not yes and somebody_is_there():
        click.confirm("Download?", default=True, abort=True, err=True)


def somebody_is_there() -> bool:
    """Whether a question would be read and answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _enough(size: int) -> str:
    """An amount as the option takes it, not below the size."""
    return f"{-(-size // 2**20)}MiB"
