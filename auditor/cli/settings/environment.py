"""The environment variable of each setting.

`AUDITOR_<OPTION>` is an option of `auditor scan`, the command that a scheduler runs, and the same option of any other
command that declares it alike. `AUDITOR_<COMMAND>_<OPTION>` is an option of one other command, and wins there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import click

from auditor.cli.settings.schema import Names, leaves, parameters
from auditor.spec.likeness import Likeness

PREFIX = "AUDITOR"
SCHEDULED: Names = ("scan",)


def name_environment(root: click.Group) -> None:
    """Give every setting of every command its variables; those that an option declares itself come last."""
    commands = dict(leaves(root))
    common = {name: _declared(param) for name, param in parameters(commands[SCHEDULED]).items()}
    for names, command in commands.items():
        for name, param in parameters(command).items():
            own = [] if names == SCHEDULED else [_variable(*names, name)]
            shared = [_variable(name)] if common.get(name) == _declared(param) else []
            found = list(dict.fromkeys([*own, *shared, *variables(param)]))
            param.envvar = found[0] if len(found) == 1 else found


def variables(param: click.Parameter) -> list[str]:
    """The environment variables of a parameter, the strongest first."""
    if param.envvar is None:
        return []
    return [param.envvar] if isinstance(param.envvar, str) else list(param.envvar)


def unknown_variables(root: click.Command) -> Iterator[tuple[str, str]]:
    """Variables that are set and that nothing reads, each with what completes "expected …"."""
    params = [*root.params, *(param for _, command in leaves(root) for param in parameters(command).values())]
    known = {name for param in params for name in variables(param)}
    for name in sorted(os.environ):
        if name.startswith(f"{PREFIX}_") and name not in known:
            yield name, Likeness(known).to(name)


def _variable(*names: str) -> str:
    return "_".join((PREFIX, *names)).upper().replace("-", "_")


def _declared(param: click.Parameter) -> dict[str, Any]:
    """Everything that the option says of itself but its variables."""
    said = param.to_info_dict()
    return {key: said[key] for key in said if key != "envvar"}
