"""Values that name files: in a settings file they are relative to its folder, elsewhere to the working folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_STANDARD = "-"  # standard input or output
_SQLITE = "sqlite:///"


class _Text(click.ParamType[str]):
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)

    def anchored(self, value: str, folder: Path) -> str:
        """The value with its path, if it has a relative one, in that folder."""
        raise NotImplementedError


class PathOr(_Text):
    """A path, or one of some words that are none, such as `none`."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def anchored(self, value: str, folder: Path) -> str:
        return value if value in self.words else str(folder / value)


class DatabaseUrl(_Text):
    """What `--db` takes; of URLs only SQLite's names a file.

    >>> DatabaseUrl().anchored("sqlite:///app.db", Path("/srv"))
    'sqlite:////srv/app.db'
    >>> DatabaseUrl().anchored("backup", Path("/srv"))
    'backup'
    """

    def anchored(self, value: str, folder: Path) -> str:
        path = value.removeprefix(_SQLITE)
        return f"{_SQLITE}{folder / path}" if path and path != value else value


def anchored(kind: click.ParamType[Any], value: str, folder: Path) -> str:
    """The value of an option of that type, as it stands in a settings file of the folder."""
    if isinstance(kind, _Text):
        return kind.anchored(value, folder)
    if isinstance(kind, click.Path | click.File) and value != _STANDARD:
        return str(folder / value)
    return value
