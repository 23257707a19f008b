"""`auditor spec show`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from auditor.cli.parameters import load_specification, specification_options
from auditor.spec import Family, Specification, describe


@click.command()
@specification_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(spec_file: Path | None, bindings: str | None, form: str) -> None:
    """List the families with pattern, fields and kinds, row policy and the document's line."""
    compiled = load_specification(spec_file, bindings)
    if form == "json":
        click.echo(json.dumps(describe(compiled), indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join([_heading(compiled), *(_shown(compiled, family) for family in compiled.families)]))


def _heading(compiled: Specification) -> str:
    bound = f"bound by {compiled.bindings}" if compiled.bindings else "without bindings"
    return f"{compiled.document}: {len(compiled.families)} families, {bound}"


def _shown(compiled: Specification, family: Family) -> str:
    fields = ", ".join(f"{name}: {kind.text}" for name, kind in family.kinds.items())
    lines = [
        f"{family.name}  ({compiled.document}:{family.template.line})",
        f"  template  {family.template.text}",
        f"  pattern   {family.pattern}",
        f"  fields    {fields or 'none'}",
        f"  rows      {family.rows}" + (f" in {', '.join(family.tables)}" if family.tables else ""),
    ]
    if family.content:
        lines.append(f"  content   {family.content}" + (" (secret: never downloaded)" if family.secret else ""))
    return "\n".join(lines)
