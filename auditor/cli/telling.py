"""`auditor scan` tells people and services what became of it; whoever cannot be told changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from auditor.cli.full_disk import is_full_disk
from auditor.cli.parameters import Command
from auditor.cli.settings import SecretOption, UrlOption
from auditor.errors import AuditorError, CannotStart
from auditor.record import Run
from auditor.spec import SpecificationError
from auditor.telling import slack, webhook
from auditor.telling.address import Address, parse_address
from auditor.telling.digest import digest_of
from auditor.telling.location import check_report_url, locate
from auditor.telling.metrics import OfAnother, Unreadable, write_metrics
from auditor.telling.ping import ping_end, ping_failure, ping_start
from auditor.telling.sending import post
from auditor.text import printable

_STOPPED = (KeyboardInterrupt, click.Abort)


class SecretUrl(click.ParamType[Address]):
    """A URL that no message repeats."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        if isinstance(value, Address):
            return value
        return parse_address(value, _option(param))


class ReportUrl(click.ParamType[str]):
    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return check_report_url(value)


def _option(param: click.Parameter | None) -> str:
    return param.opts[0] if param else "the option"


def telling_options(command: Command) -> Command:
    """`--slack-url`, `--webhook-url`, `--ping-url`, `--metrics-file`, `--tell` and `--report-url`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--slack-url",
        cls=SecretOption,
        type=SecretUrl(),
        envvar="AUDITOR_SLACK_URL",
        show_envvar=True,
        help="An incoming webhook of Slack. A secret, as the next two: better given by the environment.",
    ),
    click.option(
        "--webhook-url",
        cls=SecretOption,
        type=SecretUrl(),
        envvar="AUDITOR_WEBHOOK_URL",
        show_envvar=True,
        help="Gets the same as JSON.",
    ),
    click.option(
        "--ping-url",
        cls=SecretOption,
        type=SecretUrl(),
        envvar="AUDITOR_PING_URL",
        show_envvar=True,
        help="A dead man's switch: URL/start, then URL, or URL/fail if the audit is not complete.",
    ),
    click.option(
        "--metrics-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="AUDITOR_METRICS_FILE",
        show_envvar=True,
        help="Metrics for the textfile collector of Prometheus, written after every run.",
    ),
    click.option(
        "--tell",
        type=click.Choice(["changes", "always"]),
        default="changes",
        show_default=True,
        help="When Slack and the webhook hear of a run; of one that is not complete they always do.",
    ),
    click.option(
        "--report-url",
        cls=UrlOption,
        type=ReportUrl(),
        envvar="AUDITOR_REPORT_URL",
        show_envvar=True,
        metavar="URL",
        help="Where people find the runs: URL/<run>/report.html, or a URL with {run} in it.",
    ),
)


def tell(given: dict[str, Any], run: Run, out: Path) -> None:
    """Writes the metrics, and sends the digest where somebody wants it. The run is over: nothing here ends it anew."""
    try:
        if given["metrics_file"]:
            _write_metrics(run, given["metrics_file"])
        _send(given, run, out)
    except KeyboardInterrupt:
        click.echo("warning: interrupted before everybody was told; the run is whole", err=True)
    except Exception as error:  # of a URL there is nothing in the name of a class
        click.echo(f"warning: nobody was told ({type(error).__name__}): this is a fault of the auditor", err=True)


def _send(given: dict[str, Any], run: Run, out: Path) -> None:
    receivers: list[tuple[Address | None, str, Callable[..., dict[str, Any]], str]] = [
        (given["slack_url"], "Slack", slack.slack_message, slack.CONTENT_TYPE),
        (given["webhook_url"], "the webhook", webhook.webhook_body, webhook.CONTENT_TYPE),
    ]
    if not any(address for address, *_ in receivers):
        return
    digest = digest_of(run, locate(out, given["report_url"]))
    if not digest.changed and given["tell"] == "changes":
        return
    for address, name, body_of, content_type in receivers:
        if address is not None:
            _warn(name, address, _posted(address, body_of(digest), content_type))


def _posted(address: Address, body: dict[str, Any], content_type: str) -> str | None:
    return post(address, json.dumps(body).encode(), content_type)


@contextmanager
def signs_of_life(given: dict[str, Any], bucket: str) -> Iterator[Callable[[int], None]]:
    """Says that the run begins, and how it ends, however it ends; the context calls what it gets with the exit code.

    A run that leaves no folder is told to Slack as well, or it would be as silent as a night on which nothing changed.
    """
    ping: Address | None = given["ping_url"]
    if ping is not None:
        _warn("the ping", ping, ping_start(ping))
    try:
        yield lambda exit_code: _warn("the ping", ping, ping_end(ping, exit_code)) if ping is not None else None
    except BaseException as error:
        if given["slack_url"] is not None and _nobody_saw(error):
            body = slack.failure_message(bucket, _ending(error), _reason(error))
            _warn("Slack", given["slack_url"], _posted(given["slack_url"], body, slack.CONTENT_TYPE))
        if ping is not None:
            _warn("the ping", ping, ping_failure(ping, _ending(error)))
        raise


def _nobody_saw(error: BaseException) -> bool:
    """Who stopped it knows, and so does who sits at the terminal that gets the error."""
    return not isinstance(error, _STOPPED) and not sys.stderr.isatty()


def _ending(error: BaseException) -> str:
    if isinstance(error, (CannotStart, SpecificationError, click.ClickException)):
        return "the audit could not start: exit code 2"
    if isinstance(error, _STOPPED):
        return "the audit was interrupted: exit code 3"
    broke_off = isinstance(error, AuditorError) or is_full_disk(error)
    return f"the audit {'broke off' if broke_off else 'crashed'}: exit code 3"


def _reason(error: BaseException) -> str:
    """The sentence of an error of ours; of others nobody knows what they repeat."""
    if isinstance(error, AuditorError):
        return str(error)
    if isinstance(error, SpecificationError):
        return f"{len(error.faults)} fault(s) in the document or its bindings"
    return "the disk is full" if is_full_disk(error) else type(error).__name__


def _write_metrics(run: Run, path: Path) -> None:
    try:
        write_metrics(run.summary, path)
    except OfAnother:
        click.echo(
            f"warning: {printable(str(path))} is about another bucket or prefix, and stays: name another file with "
            "--metrics-file, or remove it",
            err=True,
        )
    except Unreadable as error:
        click.echo(
            f"warning: when the last complete run was is lost from {printable(str(path))}, since {error}", err=True
        )
    except OSError as error:
        click.echo(f"warning: {printable(str(path))} cannot be written ({error.strerror})", err=True)


def _warn(name: str, address: Address, why: str | None) -> None:
    if why is not None:
        click.echo(f"warning: {name} at {address} was not told, because {why}", err=True)
