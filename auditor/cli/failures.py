"""How a failure leaves the program: a sentence on standard error and the right exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import click

from auditor.errors import AuditorError, CannotStart
from auditor.scan.summary import EXIT_CANNOT_START, EXIT_INCOMPLETE
from auditor.spec import SpecificationError
from auditor.text import printable

EXIT_PIPE_CLOSED = 141  # what a shell reports for a command that SIGPIPE ended


class AuditorGroup(click.Group):
    """Click's own exit code for an unforeseen error is 1, which here means findings; so every way out is ours."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        extra["standalone_mode"] = False
        sys.exit(_exit_code(lambda: super(AuditorGroup, self).main(*args, **extra)))


def _exit_code(run: Callable[[], Any]) -> int:
    try:
        return int(run() or 0)
    except click.ClickException as error:
        error.show()
        return EXIT_CANNOT_START
    except SpecificationError as error:
        for fault in error.faults:
            click.echo(fault.render() + "\n", err=True)
        click.echo(f"{len(error.faults)} fault(s): the run did not start", err=True)
        return EXIT_CANNOT_START
    except AuditorError as error:
        click.echo(f"auditor: {printable(str(error))}", err=True)
        return EXIT_CANNOT_START if isinstance(error, CannotStart) else EXIT_INCOMPLETE
    except (click.Abort, KeyboardInterrupt):
        click.echo("auditor: interrupted; no half run is left", err=True)
        return EXIT_INCOMPLETE
    except BrokenPipeError:
        sys.stdout = None  # or the interpreter complains once more when it flushes
        return EXIT_PIPE_CLOSED
    except Exception:
        traceback.print_exc()
        click.echo("auditor: this is a fault of the auditor, not of the bucket; no half run is left", err=True)
        return EXIT_INCOMPLETE
