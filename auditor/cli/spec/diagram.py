"""`auditor spec diagram`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from auditor.cli.parameters import load_specification, specification_options
from auditor.errors import CannotStart
from auditor.pictures.families import PicturedFamily, described_families, recorded_families, tree_of
from auditor.pictures.page import GENERATOR, page
from auditor.pictures.text import counted_tree, text_tree
from auditor.runs.folder import open_run
from auditor.text import human_bytes, printable

DEFAULT = Path("key-specification.html")


@dataclass(frozen=True)
class Subject:
    """What is drawn; `rest` are the objects and bytes of no family, None without a run."""

    title: str
    families: list[PicturedFamily]
    facts: list[tuple[str, str]]
    rest: tuple[int, int] | None = None


@click.command()
@click.argument("run", type=click.Path(path_type=Path), required=False)
@specification_options
@click.option("--out", type=click.Path(path_type=Path), help=f"The page's file.  [default: {DEFAULT}]")
@click.option("--format", "form", type=click.Choice(["html", "text"]), default="html", show_default=True)
def diagram(run: Path | None, spec_file: Path | None, bindings: str | None, out: Path | None, form: str) -> None:
    """Draw the folders and the templates of the key specification.

    As a page with a folder tree and railroad diagrams, or as a folder tree in plain text. With the folder RUN of a
    finished audit the tree says how many objects and bytes each family and folder held.
    """
    named = spec_file is not None or bindings is not None
    subject = _of_run(run, spec_file, bindings, named=named) if run else _of_document(spec_file, bindings)
    if form == "html":
        click.echo(_written(page(subject.title, subject.families, subject.facts, subject.rest), out))
    elif out:
        click.echo(_written((f"{line}\n" for line in _text(subject, color=False)), out))
    else:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        for line in _text(subject, color=color):
            click.echo(line, color=color)


def _of_document(spec_file: Path | None, bindings: str | None) -> Subject:
    spec = load_specification(spec_file, bindings)
    families = described_families(spec)
    return Subject(spec.document, families, [("Families", str(len(families))), ("Bindings", spec.bindings or "none")])


def _of_run(run: Path, spec_file: Path | None, bindings: str | None, *, named: bool) -> Subject:
    summary = open_run(run).summary
    families = recorded_families(summary)
    if named:
        _must_agree(families, described_families(load_specification(spec_file, bindings)), run)
    rest = summary["no_family"]["objects"], summary["no_family"]["bytes"]
    return Subject(summary["spec"]["file"], families, list(_facts(summary)), rest)


def _must_agree(recorded: list[PicturedFamily], given: list[PicturedFamily], run: Path) -> None:
    """Counts of one document below the folders of another would mean nothing."""
    before, now = ({family.template: dict(family.fields) for family in families} for families in (recorded, given))
    if before != now:
        advice = "leave out --spec and --bindings, since a run records its own"
        raise CannotStart(f"{run} was audited by other templates or field kinds: {advice}")


def _facts(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    listing = summary["listing"]
    yield "Families", str(len(summary["families"]))
    yield "Bindings", summary["spec"]["bindings"] or "none"
    yield "Bucket", f"{summary['bucket']}/{summary['prefix']}".rstrip("/")
    yield "Audited", summary["started_at"] + ("" if summary["complete"] else ", NOT COMPLETE: numbers are too small")
    yield "Objects", f"{listing['objects']:,}, {human_bytes(listing['bytes'])}"


def _text(subject: Subject, *, color: bool) -> Iterator[str]:
    yield printable(subject.title)
    yield from (f"{name}: {printable(value)}" for name, value in subject.facts)
    yield ""
    nodes = tree_of(subject.families)
    for line in text_tree(nodes) if subject.rest is None else counted_tree(nodes, subject.rest):
        yield click.style(line.text, dim=True) if color and line.empty else line.text


def _written(pieces: Iterable[str], out: Path | None) -> Path:
    """Writes beside the path first, so that a failure leaves what was there before; returns the path."""
    path = out or DEFAULT
    partial = path.with_name(f".{path.name}.partial")
    try:
        if not out:
            _must_be_ours(path)
        partial.unlink(missing_ok=True)
        with partial.open("x", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        partial.replace(path)
    except OSError as error:
        raise CannotStart(f"{path} cannot be written ({error.strerror}): name another file with --out") from error
    return path


def _must_be_ours(path: Path) -> None:
    """Nobody named this file, so only a page of this command is replaced."""
    if path.exists() and GENERATOR.encode() not in path.read_bytes()[:2_000]:
        raise CannotStart(f"{path} exists already and is no page of this command: name another file with --out")
