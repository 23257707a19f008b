"""The files of `deploy/`, and whether our own command line takes what they call."""

from __future__ import annotations

from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import click
import yaml

from auditor.cli import main

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


class _Unit(dict[str, Any]):
    """Names may come more than once in a unit; the last one is what a plain reader would see, so all are kept."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Sections, and in each the values of every name."""
    parser = RawConfigParser(dict_type=_Unit, strict=False, delimiters=["="], comment_prefixes=["#"])
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return {section: {key: value.split("\n") for key, value in parser.items(section)} for section in parser.sections()}


def documents(name: str) -> dict[str, dict[str, Any]]:
    """The documents of a YAML file, by their kind."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def taken(*arguments: str) -> tuple[str, dict[str, Any]]:
    """Command and parameters that the command line makes of the words behind `auditor`; raises click.UsageError.

    Nothing is carried out and no settings file is read.
    """
    context = main.make_context("auditor", list(arguments))
    group: click.Group = main
    while True:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        assert name is not None
        inner = command.make_context(name, rest, parent=context, default_map={"bucket": "s3://x"})
        if not isinstance(command, click.Group):
            break
        context, group = inner, command
    with inner:
        return name, {**context.params, **inner.params}
