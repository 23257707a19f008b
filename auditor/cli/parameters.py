"""Parameter types and bundles of options that several commands share."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from auditor.cli.settings.paths import PathOr
from auditor.errors import CannotStart
from auditor.plugins import load_specs
from auditor.scan.content.budget import Limit
from auditor.spec import Source, Specification, compile_specification

Command = TypeVar("Command", bound=Callable[..., Any])
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
SHIPPED = "file_service"
_LARGEST = 2**63 - 1  # bytes; what a question to a run can hold
PIPED_WIDTH = 100  # columns, where nobody can say how wide the reader's window is


class Duration(click.ParamType[timedelta]):
    """`90`, `90s`, `15m`, `24h`, `7d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,9})([smhd]?)", value.strip())
        if match is None:
            self.fail(f"{value!r} is not a duration such as 60s, 15m, 24h or 7d", param, ctx)
        return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


class Size(click.ParamType[int]):
    """Bytes: `1000`, `128KiB`, `5MiB`, `5MB`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,15})(?: ?(?:([kKMGT])(i?))?B)?", value.strip())
        if match is None:
            self.fail(f"{value!r} is not a size such as 1000, 128KiB, 5MiB or 2GB", param, ctx)
        power = " kMGT".index((match[2] or " ").replace("K", "k"))
        unit: int = (1024 if match[3] else 1000) ** power
        return min(int(match[1]) * unit, _LARGEST)


class Amount(click.ParamType[Limit]):
    """Bytes (`500MiB`, `5GB`) or a time (`30m`)."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        if isinstance(value, Limit):
            return value
        unit = value.strip()[-1:]
        try:
            if unit == "B":
                return Limit(size=Size().convert(value, param, ctx))
            return Limit(time=Duration().convert(value if unit in _SECONDS else "", param, ctx))
        except click.BadParameter:
            self.fail(f"{value!r} is neither an amount such as 500MiB or 5GiB nor a time such as 30m", param, ctx)


def specification_options(command: Command) -> Command:
    """`--spec` and `--bindings`, handed over as `spec_file` and `bindings`."""
    spec = click.option(
        "--spec",
        "spec_file",
        type=click.Path(path_type=Path),
        help="The key specification, a Markdown document. Default: the shipped one of the file service.",
    )
    bindings = click.option(
        "--bindings",
        type=PathOr("none"),
        help="A TOML file with what the document leaves out, or `none`. Default: the shipped one.",
    )
    return spec(bindings(command))


def selection_options(command: Command) -> Command:
    """`--select` and `--ignore`."""
    select = click.option("--select", multiple=True, metavar="RULE", help="Only these: code, name or code prefix.")
    ignore = click.option("--ignore", multiple=True, metavar="RULE", help="Not these: code, name or code prefix.")
    return select(ignore(command))


class Sources(NamedTuple):
    """What is compiled. `strict`: what the bindings say and the document lacks is a fault."""

    document: Source
    bindings: Source | None
    strict: bool

    def compile(self) -> Specification:
        """Raises SpecificationError."""
        return compile_specification(self.document, self.bindings, strict=self.strict)


def read_sources(spec_file: Path | None, bindings: str | None) -> Sources:
    """The document and bindings that the options name; the shipped bindings serve any document."""
    shipped = load_specs()[SHIPPED]()
    document = _read(spec_file) if spec_file else shipped.document
    if bindings == "none":
        return Sources(document, None, strict=False)
    if bindings is None:
        return Sources(document, shipped.bindings, strict=False)
    return Sources(document, _read(Path(bindings)), strict=True)


def load_specification(spec_file: Path | None, bindings: str | None) -> Specification:
    """The same, compiled."""
    return read_sources(spec_file, bindings).compile()


def _read(path: Path) -> Source:
    try:
        return Source(str(path), path.read_bytes())
    except OSError as error:
        raise CannotStart(f"{path} cannot be read ({error.strerror}): name another file") from error


def screen() -> tuple[int, bool]:
    """How many columns there are on standard output, and whether colours are welcome."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else PIPED_WIDTH
    return width, terminal and not os.environ.get("NO_COLOR")
