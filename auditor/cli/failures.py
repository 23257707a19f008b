"""How a failure leaves the program: a sentence on standard error and the right exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from auditor.cli.full_disk import is_full_disk
from auditor.cli.settings.origin import origin
from auditor.errors import AuditorError, CannotStart
from auditor.scan.summary import EXIT_CANNOT_START, EXIT_INCOMPLETE
from auditor.settings import SettingsError
from auditor.spec import SpecificationError
from auditor.text import printable

EXIT_PIPE_CLOSED = 141  # what a shell reports for a command that SIGPIPE ended
_NO_ROOM = (
    "the disk is full: make room where the runs are written and in the folder for temporary files (TMPDIR); "
    "no half run is left"
)


class AuditorGroup(click.Group):
    """Click's own exit code for an unforeseen error is 1, which here means findings; so every way out is ours."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        extra["standalone_mode"] = False
        sys.exit(_exit_code(lambda: super(AuditorGroup, self).main(*args, **extra)))

    def invoke(self, ctx: click.Context) -> Any:
        """Click would end with 1, which here means findings, when the reader of a pipe has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _PipeClosed from error


class _PipeClosed(Exception):
    pass


def _exit_code(run: Callable[[], Any]) -> int:
    try:
        return int(run() or 0)
    except click.ClickException as error:
        _with_origin(error).show()
        return EXIT_CANNOT_START
    except (SpecificationError, SettingsError) as error:
        return _all_faults(error)
    except AuditorError as error:
        _tell(error)
        return EXIT_CANNOT_START if isinstance(error, CannotStart) else EXIT_INCOMPLETE
    except (click.Abort, KeyboardInterrupt):
        click.echo("auditor: interrupted; no half run is left", err=True)
        return EXIT_INCOMPLETE
    except _PipeClosed:
        sys.stdout = None  # or the interpreter complains once more when it flushes
        return EXIT_PIPE_CLOSED
    except Exception as error:
        if is_full_disk(error):
            click.echo(f"auditor: {_NO_ROOM}", err=True)
            return EXIT_INCOMPLETE
        traceback.print_exc()
        click.echo("auditor: this is a fault of the auditor, not of the bucket; no half run is left", err=True)
        return EXIT_INCOMPLETE


def _all_faults(error: SpecificationError | SettingsError) -> int:
    settings = isinstance(error, SettingsError)
    for fault in error.faults:
        click.echo((fault.render_plain() if settings else fault.render()) + "\n", err=True)
    what = "fault(s) in the settings: nothing was done" if settings else "fault(s): the run did not start"
    click.echo(f"{len(error.faults)} {what}", err=True)
    return EXIT_CANNOT_START


def _with_origin(error: click.ClickException) -> click.ClickException:
    """A value that is refused and was not typed is looked for in vain on the command line."""
    if not isinstance(error, click.BadParameter) or not error.ctx or not error.param:
        return error
    source = error.ctx.get_parameter_source(str(error.param.name))
    if source not in (ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP):
        return error
    message = f"{error.message.rstrip('.')} (set by {origin(error.ctx, error.param, source)})"
    return click.BadParameter(message, error.ctx, error.param, error.param_hint)


def _tell(error: AuditorError) -> None:
    """The sentence, then its notes, such as the lines of a file that have a fault."""
    click.echo(f"auditor: {printable(str(error))}", err=True)
    for note in getattr(error, "__notes__", ()):
        click.echo(f"  {printable(note)}", err=True)
