"""Every setting of every command, with its value and where that came from, found as click finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from auditor.cli.settings.origin import origin
from auditor.cli.settings.schema import Names, leaves, parameters
from auditor.cli.settings.secret import holds_secret, shown

_FROM_OUTSIDE = (ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)
_AS_THEY_ARE = (click.types.IntParamType, click.types.FloatParamType, click.types.BoolParamType)


@dataclass(frozen=True)
class Resolved:
    """`value` is a text, a number, a boolean, a list of them, or None; if `secret`, what must not be seen is masked."""

    command: Names
    name: str
    value: Any
    origin: str
    secret: bool


def resolve(root: click.Context, wanted: Sequence[str]) -> Iterator[Resolved]:
    """The settings of the commands whose names begin with those words. Raises click.UsageError where nothing does."""
    found = [(names, each) for names, each in leaves(root.command) if names[: len(wanted)] == tuple(wanted)]
    if not found:
        raise click.UsageError(f"there is no command {' '.join(wanted)!r}: see auditor --help", root)
    for names, command in found:
        yield from _of_command(_context(root, names), names, command)


def resolve_global(root: click.Context) -> Iterator[Resolved]:
    """`--config` and `--isolated` themselves."""
    for param in root.command.params:
        if isinstance(param, click.Option) and not param.is_eager:
            name = str(param.name)
            said_by = origin(root, param, root.get_parameter_source(name))
            yield Resolved((), name, _plain(root.params[name]), said_by, secret=False)


def _context(root: click.Context, names: Names) -> click.Context:
    """The command's context as it is before its arguments are read."""
    context = root
    for name in names:
        command = context.command.commands[name] if isinstance(context.command, click.Group) else context.command
        context = click.Context(command, info_name=name, parent=context)
    return context


def _of_command(context: click.Context, names: Names, command: click.Command) -> Iterator[Resolved]:
    for name, param in parameters(command).items():
        value, source = param.consume_value(context, {})
        context.set_parameter_source(str(param.name), source)
        cast = param.type_cast_value(context, value) if source in _FROM_OUTSIDE else value
        plain = _plain(cast if isinstance(param.type, _AS_THEY_ARE) else value)
        yield Resolved(names, name, shown(param, plain), origin(context, param, source), holds_secret(param, plain))


def _plain(value: Any) -> Any:
    """Click says with an object of its own that there is no value."""
    if isinstance(value, tuple | list):
        return [_plain(element) for element in value]
    if isinstance(value, bool | int | float):
        return value
    return str(value) if isinstance(value, str | Path) else None
