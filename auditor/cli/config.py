"""`auditor config show`: what is set, and by what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from auditor.cli.settings.environment import unknown_variables
from auditor.cli.settings.loading import settings_in
from auditor.cli.settings.resolved import Resolved, resolve, resolve_global
from auditor.text import printable, printable_pieces

_VALUE_WIDTH = 40  # columns; behind them a comment is no longer in line with the others
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@click.group(short_help="Show every setting and where it came from.")
def config() -> None:
    """Look at the settings: flags win over the environment, it over auditor.toml, and that over the defaults."""


@config.command()
@click.argument("command", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def show(context: click.Context, command: tuple[str, ...], form: str) -> None:
    """Print every setting, or those of COMMAND, with its value and where that came from.

    The text is TOML: lines of it can be pasted into auditor.toml. Secrets are masked.
    """
    root = context.find_root()
    overall, settings = list(resolve_global(root)), list(resolve(root, command))
    file = settings_in(context)
    for variable, expected in unknown_variables(root.command):
        click.echo(f"auditor: {printable(variable)} is set, and nothing reads it: expected {expected}", err=True)
    if form == "json":
        click.echo(json.dumps(_as_data(file.name if file else None, overall, settings), ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(_as_text(file.name if file else None, overall, settings)))


def _as_data(file: str | None, overall: Sequence[Resolved], settings: Sequence[Resolved]) -> dict[str, Any]:
    return {
        "file": file,
        "global": [_entry(one) for one in overall],
        "settings": [{"command": " ".join(one.command), **_entry(one)} for one in settings],
    }


def _entry(one: Resolved) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "origin": one.origin, "secret": one.secret}


def _as_text(file: str | None, overall: Sequence[Resolved], settings: Sequence[Resolved]) -> Iterator[str]:
    yield f"# settings file: {printable(file)}" if file else "# settings file: none"
    for one in overall:
        yield "# " + _commented(f"--{one.name} {'not set' if one.value is None else toml_value(one.value)}", one.origin)
    for command, group in groupby(settings, lambda one: one.command):
        yield ""
        yield f"[{'.'.join(command)}]"
        yield from map(_line, group)


def _line(one: Resolved) -> str:
    """A line of TOML; a comment where it would say nothing or something else."""
    name = one.name if _BARE.fullmatch(one.name) else toml_value(one.name)
    if one.value is None or one.value == "":  # a file may not say "", and need not
        return _commented(f"# {name} =", f"{one.origin}: not set")
    line = f"{name} = {toml_value(one.value)}"
    return _commented(f"# {line}", f"{one.origin}; masked") if one.secret else _commented(line, one.origin)


def _commented(text: str, comment: str) -> str:
    return f"{text:<{_VALUE_WIDTH}}  # {comment}"


def toml_value(value: bool | float | str | list[Any]) -> str:
    r"""
    >>> print(toml_value(True), toml_value(["a", 'b"\x1b', 3]))
    true ["a", "b\"\u001b", 3]
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    return '"' + "".join(map(_character, value)) + '"'


def _character(character: str) -> str:
    """TOML escapes whatever a terminal should not get, too."""
    if character in '"\\':
        return "\\" + character
    if printable_pieces(character)[0] == character:
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
