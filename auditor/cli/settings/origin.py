"""Where the value of a parameter came from, for people."""

from __future__ import annotations

import os

import click
from click.core import ParameterSource

from auditor.cli.settings.environment import variables
from auditor.cli.settings.loading import settings_in
from auditor.cli.settings.schema import Names, parameters
from auditor.text import printable


def names_of(context: click.Context) -> Names:
    """The command's names, without that of the program."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    return tuple(names)


def variable_in_use(param: click.Parameter) -> str | None:
    """The first of its environment variables that is set; an empty one is not."""
    return next((name for name in variables(param) if os.environ.get(name)), None)


def line_of(context: click.Context, param: click.Parameter) -> tuple[str, int] | None:
    """The settings file and the line that gave the value."""
    settings = settings_in(context)
    for name, other in parameters(context.command).items():
        given = settings.values.get((*names_of(context), name)) if settings and other is param else None
        if settings and given:
            return settings.name, given.line
    return None


def origin(context: click.Context, param: click.Parameter, source: ParameterSource | None) -> str:
    """`command line`, `environment AUDITOR_DB`, `auditor.toml:12` or `default`."""
    match source:
        case ParameterSource.ENVIRONMENT:
            return f"environment {variable_in_use(param)}"
        case ParameterSource.DEFAULT_MAP if at := line_of(context, param):
            return f"{printable(at[0])}:{at[1]}"
        case ParameterSource.COMMANDLINE:
            return "command line"
    return "default"
