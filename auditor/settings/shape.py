"""What a settings file may say: tables of settings, each of which takes a value or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Unsuitable(Exception):
    """A setting does not take a value. `message` follows the setting's name, `expected` completes "expected …".

    `element` is the number of the element that is at fault, in a list.
    """

    def __init__(self, message: str, expected: str, element: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.element = element


@dataclass(frozen=True)
class Setting:
    """`read` takes a value of TOML and the folder of the file, and gives what the command takes, or raises Unsuitable.

    The value of a secret one is never repeated, not even in a fault.
    """

    read: Callable[[Any, Path], Any]
    secret: bool = False


@dataclass(frozen=True)
class Table:
    """Settings and tables by their names, in the spelling with hyphens."""

    settings: Mapping[str, Setting]
    tables: Mapping[str, Table]
