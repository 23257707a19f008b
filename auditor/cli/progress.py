"""How far the run is: a bar on a terminal, plain lines otherwise; always on standard error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import click
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from auditor.progress import Progress
from auditor.text import printable

EVERY = 30.0  # seconds between two plain lines of the same stage


class PlainLines:
    """One line for each stage, and one now and then while it goes on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._name, self._done, self._said = "", 0, time.monotonic()

    def stage(self, name: str, total: int | None = None) -> None:
        self._name, self._done, self._said = name, 0, time.monotonic()
        if total != 0:
            click.echo(f"{name} ..." if total is None else f"{name} ({total}) ...", err=True)

    def advance(self, amount: int) -> None:
        with self._lock:
            self._done += amount
            if time.monotonic() - self._said > EVERY:
                self._said = time.monotonic()
                click.echo(f"{self._name}: {self._done}", err=True)

    def note(self, sentence: str) -> None:
        click.echo(printable(sentence), err=True)


class Count(ProgressColumn):
    """How many are done, of how many where that is known."""

    def render(self, task: Task) -> Text:
        done = f"{task.completed:,.0f}" if task.completed else ""
        return Text(done if task.total is None else f"{task.completed:,.0f} of {task.total:,.0f}")


class TerminalBars:
    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task = bars.add_task("starting", total=None)

    def stage(self, name: str, total: int | None = None) -> None:
        self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name, total=total)

    def advance(self, amount: int) -> None:
        self._bars.advance(self._task, amount)

    def note(self, sentence: str) -> None:
        self._bars.console.print(printable(sentence), markup=False, highlight=False)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainLines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        Count(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        yield TerminalBars(bars)
