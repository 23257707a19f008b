"""What may be set, read off the commands: a table for each command, a setting for each of its options.

An argument is a setting if it declares an environment variable, as BUCKET of `auditor scan` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

import click

from auditor.cli.settings.paths import anchored
from auditor.cli.settings.secret import SecretOption
from auditor.settings import Setting, Table, Unsuitable

Names = tuple[str, ...]  # of a command, from the group downwards


def leaves(command: click.Command, names: Names = ()) -> Iterator[tuple[Names, click.Command]]:
    """Every command that is no group, in the order of the help."""
    if not isinstance(command, click.Group):
        yield names, command
        return
    for name, inner in command.commands.items():
        yield from leaves(inner, (*names, name))


def parameters(command: click.Command) -> dict[str, click.Parameter]:
    """What may be set of a command, by the name of the setting: that of the option without its hyphens in front."""
    return {_name(param): param for param in command.params if _is_setting(param)}


def shape_of(command: click.Command) -> Table:
    """The command and everything below it, as a settings file may speak of it. A group is a table of tables."""
    if isinstance(command, click.Group):
        return Table({}, {name: shape_of(inner) for name, inner in command.commands.items()})
    return Table({name: _setting(command, param) for name, param in parameters(command).items()}, {})


def _is_setting(param: click.Parameter) -> bool:
    if isinstance(param, click.Option):
        return not param.is_eager and param.expose_value
    return bool(param.envvar)


def _name(param: click.Parameter) -> str:
    long = [name for name in param.opts if name.startswith("--")]
    return long[0].removeprefix("--") if long else str(param.name).replace("_", "-")


def _setting(command: click.Command, param: click.Parameter) -> Setting:
    return Setting(partial(_read, command, param), secret=isinstance(param, SecretOption))


def _read(command: click.Command, param: click.Parameter, value: Any, folder: Path) -> Any:
    """The value as the command line would give it; raises Unsuitable."""
    if isinstance(param, click.Option) and param.is_flag:
        if not isinstance(value, bool):
            raise Unsuitable("is neither true nor false", "`true` or `false`")
        return value
    if not param.multiple and param.nargs == 1:
        return _text(command, param, value, folder)
    if not isinstance(value, list):
        raise Unsuitable("is not a list", 'a list of texts, such as `["a", "b"]`')
    return [_text(command, param, element, folder, number) for number, element in enumerate(value)]


def _text(command: click.Command, param: click.Parameter, value: Any, folder: Path, number: int | None = None) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | date | time):
        raise Unsuitable("is neither a text nor a number", 'a text, such as `"a"`, or a number', number)
    if value == "":
        raise Unsuitable("is empty", "a text that is not empty, or no such line", number)
    text = anchored(param.type, str(value), folder)
    if not isinstance(param.type, click.Path | click.File):  # whether a file is there is asked when it is needed
        _refuse(command, param, text, number)
    return text


def _refuse(command: click.Command, param: click.Parameter, text: str, number: int | None) -> None:
    """Raises Unsuitable for what the option's own type refuses."""
    try:
        param.type(text, param, click.Context(command))
    except click.BadParameter as error:
        said = error.message.strip().rstrip(".")
        raise Unsuitable(f"is refused: {said}", f"a value that {'/'.join(param.opts)} takes", number) from None
