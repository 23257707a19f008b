"""`auditor spec drift RUN`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from auditor.cli.parameters import read_sources, specification_options
from auditor.cli.spec.drift_json import as_data
from auditor.cli.spec.drift_markdown import markdown
from auditor.cli.spec.drift_said import Said
from auditor.runs.folder import open_run
from auditor.scan.drifted import drifted
from auditor.spec.drift import Base, propose


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@specification_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--min-objects",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Propose nothing that would cover fewer.",
)
def drift(run: Path, spec_file: Path | None, bindings: str | None, form: str, min_objects: int) -> None:
    """Propose the templates that would cover what the folder RUN lists and the document does not describe.

    The text is Markdown to paste into the document, with the TOML for the bindings; nothing is scanned.
    """
    record = open_run(run)
    sources = read_sources(spec_file, bindings)
    compiled = sources.compile()
    with drifted(record, compiled) as batches:
        found = propose(Base(*sources), batches, least=min_objects)
    if not record.summary["complete"]:
        click.echo("the run is incomplete, so there may be more than is counted here", err=True)
    said = Said(compiled, found, rows_known=record.summary["rows"]["source"] is not None)
    click.echo(json.dumps(as_data(said), indent=2, ensure_ascii=False) if form == "json" else markdown(said))
