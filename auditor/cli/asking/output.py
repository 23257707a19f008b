"""An answer as a table, CSV, JSON Lines or Parquet; on standard output or in a file."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.cli.asking.layout import Layout
from auditor.cli.parameters import Command
from auditor.errors import CannotStart
from auditor.findings_csv import write_records
from auditor.text import isoformat, printable

FORMATS = ("table", "csv", "jsonl", "parquet")


def output_options(command: Command) -> Command:
    """`--format` and `--out`, handed over as `form` and `out`."""
    form = click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
    out = click.option(
        "--out", metavar="FILE", type=click.Path(path_type=Path), help="Write there instead of to standard output."
    )
    return form(out(command))


@dataclass(frozen=True)
class Output:
    """Where an answer goes and how. `folder` is private, for what cannot be written straight to a pipe."""

    form: str
    out: Path | None
    folder: Path

    def write(self, schema: pa.Schema, tables: Iterable[pa.Table], layout: Layout) -> None:
        """Raises CannotStart when the file cannot be written."""
        if self.form == "parquet":
            self._parquet(schema, tables)
            return
        pieces = self._pieces(schema, tables, layout)
        if self.out is None:
            for piece in pieces:
                click.echo(piece, nl=False, color=True)  # or escapes that a key holds would be taken out
            return
        with _written(self.out) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)

    def _pieces(self, schema: pa.Schema, tables: Iterable[pa.Table], layout: Layout) -> Iterator[str]:
        if self.form == "table":
            return layout.lines(tables)
        if self.form == "csv":
            shown = printable if self.out is None and _is_terminal() else str  # a key may hold what a terminal obeys
            return write_records(schema.names, (map(shown, map(_cell, row.values())) for row in _rows(tables)))
        return (json.dumps(row, default=_plain) + "\n" for row in _rows(tables))

    def _parquet(self, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
        if self.out is not None:
            with _written(self.out) as partial:
                _write_parquet(partial, schema, tables)
            return
        whole = self.folder / "answer.parquet"
        _write_parquet(whole, schema, tables)
        with whole.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)


def refuse_binary_on_a_terminal(form: str, out: Path | None) -> None:
    """Before anything is read."""
    if form == "parquet" and out is None and _is_terminal():
        raise CannotStart("Parquet is nothing for a terminal: name a file with --out, or write to a pipe")
    if out is not None and (out.exists() or out.is_symlink()):
        raise CannotStart(f"{out} exists already: name another file with --out, or move this one away")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


@contextmanager
def _written(out: Path) -> Iterator[Path]:
    """A path to write to, which gets its name when all is written."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        yield partial
        partial.replace(out)
    except OSError as error:
        raise CannotStart(f"{out} cannot be written ({error.strerror}): name another file with --out") from error
    finally:
        partial.unlink(missing_ok=True)


def _write_parquet(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)


def _rows(tables: Iterable[pa.Table]) -> Iterator[dict[str, Any]]:
    for table in tables:
        yield from table.to_pylist()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return isoformat(value) if isinstance(value, datetime) else str(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return isoformat(value)
    raise TypeError(f"{type(value).__name__} in an answer")
