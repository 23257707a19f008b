"""Options that say how a bucket is reached, and where its rows and the list of pending deletions are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from auditor.cli.parameters import Command
from auditor.cli.settings import DatabaseUrl, UrlOption

_NAMES = ("endpoint_url", "profile", "region", "expected_bucket_owner")


def connection_options(command: Command) -> Command:
    """What `connection` reads."""
    for option in (
        click.option("--expected-bucket-owner", metavar="ACCOUNT", help="Fail unless this account owns the bucket."),
        click.option("--region", help="The bucket's region."),
        click.option("--profile", help="A profile of the AWS configuration."),
        click.option("--endpoint-url", cls=UrlOption, help="Another S3 than Amazon's."),
    ):
        command = option(command)
    return command


def database_option(words: str, default: str | None = None) -> Callable[[Command], Command]:
    return click.option(
        "--db",
        cls=UrlOption,
        type=DatabaseUrl(),
        default=default,
        show_default=default is not None,
        envvar="AUDITOR_DB",
        show_envvar=True,
        help=words,
    )


def pending_option(words: str) -> Callable[[Command], Command]:
    return click.option(
        "--pending", cls=UrlOption, metavar="SOURCE", envvar="AUDITOR_PENDING", show_envvar=True, help=words
    )


def connection(given: Mapping[str, Any]) -> dict[str, Any]:
    """What `auditor.store.open_store` takes beside the bucket's URL."""
    return {name: given[name] for name in _NAMES}
