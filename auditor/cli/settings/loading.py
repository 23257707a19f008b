"""`--config` and `--isolated`, and the settings file as the defaults of every command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from auditor.cli.settings.environment import variables
from auditor.cli.settings.schema import Names, leaves, parameters, shape_of
from auditor.cli.settings.secret import holds_secret
from auditor.errors import CannotStart
from auditor.settings import FILE_NAME, Settings, find_file, read_settings
from auditor.settings.file import readable_by_all
from auditor.text import printable

Command = TypeVar("Command", bound=Callable[..., Any])
_META = "auditor.settings"


def settings_options(command: Command) -> Command:
    """`--config` and `--isolated`."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar="AUDITOR_CONFIG",
        show_envvar=True,
        help=f"The settings. Default: the first {FILE_NAME} from the working folder upwards.",
    )
    isolated = click.option(
        "--isolated",
        is_flag=True,
        envvar="AUDITOR_ISOLATED",
        show_envvar=True,
        help="Use no settings file, not even a named one. The environment is used.",
    )
    return config(isolated(command))


class SettingsFile:
    """The settings file of one call, read when it is first asked for."""

    def __init__(self, root: click.Group, named: Path | None, *, isolated: bool) -> None:
        self._root = root
        self._named = named
        self._isolated = isolated

    @cached_property
    def settings(self) -> Settings | None:
        """None without a file. Raises SettingsError and CannotStart."""
        path = None if self._isolated else self._named or find_file(_working_folder())
        if path is None:
            return None
        settings = read_settings(path, shape_of(self._root))
        self._warn_of_secrets(settings)
        return settings

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """For click: by the names of the commands, and below by the names of their parameters."""
        found: dict[str, Any] = {}
        for names, name, param in self._parameters():
            if self.settings and (given := self.settings.values.get((*names, name))):
                table = found
                for part in names:
                    table = table.setdefault(part, {})
                table[str(param.name)] = given.value
        return found

    def _parameters(self) -> Iterator[tuple[Names, str, click.Parameter]]:
        for names, command in leaves(self._root):
            for name, param in parameters(command).items():
                yield names, name, param

    def _warn_of_secrets(self, settings: Settings) -> None:
        if not readable_by_all(settings.path):
            return
        for names, name, param in self._parameters():
            given = settings.values.get((*names, name))
            if given and holds_secret(param, given.value):
                place = f"{printable(settings.name)}:{given.line}"
                advice = f"chmod o-r it, or give the value as {variables(param)[0]}"
                text = f"auditor: {place}: `{name}` holds a secret, and every user can read the file: {advice}"
                click.echo(text, err=True)


class Defaults(Mapping[str, Any]):
    """Click's map of defaults for one command. The file is read with the first look at it, and never for a help text.

    Click shows defaults in a help text, and what the file says is no default of the command (nor is a password for
    all to see); and help is needed most where the file is broken. While click looks for defaults to show, it parses
    resiliently, which means without defaults. A group has no settings of its own, so it need not look either.
    """

    def __init__(self, load: Callable[[], dict[str, Any]]) -> None:
        self._load = load

    def get(self, name: str, default: Any = None) -> Any:
        """The defaults of a command below: the one thing for which click calls this method."""
        return Defaults(lambda: self._load().get(name, {}))

    def __contains__(self, name: object) -> bool:
        context = click.get_current_context(silent=True)
        if context and (context.resilient_parsing or isinstance(context.command, click.Group)):
            return False
        return name in self._load()

    def __getitem__(self, name: str) -> Any:
        return self._load()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())


def use_settings(context: click.Context, config: Path | None, isolated: bool) -> None:
    """To be called by the outermost group, before click looks at any command. Raises click.UsageError."""
    if isolated and config and _source(context, "config") == _source(context, "isolated"):
        raise click.UsageError("--isolated uses no settings file: leave out either it or --config", context)
    file = SettingsFile(cast("click.Group", context.command), config, isolated=isolated)
    context.meta[_META] = file
    context.default_map = cast("dict[str, Any]", Defaults(lambda: file.defaults))


def settings_in(context: click.Context) -> Settings | None:
    """The settings that the call uses, if it uses a file."""
    file = context.meta.get(_META)
    return file.settings if file else None


def stronger(context: click.Context, name: str, other: str) -> bool:
    """Whether the first of two options was said by a flag and the other by the environment, and so on down."""
    first, second = _source(context, name), _source(context, other)
    return first is not None and second is not None and first < second


def _source(context: click.Context, name: str) -> click.core.ParameterSource | None:
    return context.get_parameter_source(name)


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise CannotStart("the working folder is gone: change to another one, or use --isolated") from error
