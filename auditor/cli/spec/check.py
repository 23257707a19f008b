"""`auditor spec check`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from auditor.cli.parameters import read_sources, selection_options, specification_options
from auditor.cli.spec.bound import bound_lines
from auditor.cli.spec.diagnosis import Diagnosis, of_fault, of_specification
from auditor.findings import Severity
from auditor.plugins import load_rules
from auditor.scan.rulebook import RuleBook, all_infos
from auditor.scan.summary import EXIT_CANNOT_START, EXIT_CLEAN, EXIT_FINDINGS
from auditor.selection import choose
from auditor.spec import Specification, SpecificationError

_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}


@click.command()
@specification_options
@selection_options
@click.option(
    "--fail-on", type=click.Choice([str(severity) for severity in Severity]), default="warning", show_default=True
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(
    context: click.Context,
    spec_file: Path | None,
    bindings: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    form: str,
) -> None:
    """Say what is wrong or doubtful in the document and its bindings, where, and what binds each field.

    Exits with 2 when they cannot be compiled, and with 1 when there is anything at or above --fail-on.
    """
    rules = load_rules()
    book = RuleBook(rules, "", choose(all_infos(rules), select, ignore))
    sources = read_sources(spec_file, bindings)
    try:
        compiled = sources.compile()
    except SpecificationError as error:
        faults = [of_fault(fault, book.infos[fault.code]) for fault in error.faults]
        _say(faults, None, form)
        context.exit(EXIT_CANNOT_START)
    diagnoses = of_specification(compiled, sources, book)
    _say(diagnoses, compiled, form)
    failing = any(diagnosis.severity >= fail_on for diagnosis in diagnoses)
    context.exit(EXIT_FINDINGS if failing else EXIT_CLEAN)


def _say(diagnoses: Sequence[Diagnosis], compiled: Specification | None, form: str) -> None:
    if form == "json":
        click.echo(json.dumps([diagnosis.as_data() for diagnosis in diagnoses], indent=2, ensure_ascii=False))
        return
    for diagnosis in diagnoses:
        click.echo(diagnosis.as_text() + "\n")
    if compiled is None:
        click.echo(f"{_counts(diagnoses)}: this cannot be compiled")
        return
    for family in compiled.families:
        click.echo("\n".join(bound_lines(family, compiled.document)) + "\n")
    click.echo(f"{_bound(compiled)}: {_counts(diagnoses)}")


def _bound(compiled: Specification) -> str:
    bound = sum(len(family.kinds_from) for family in compiled.families)
    unbound = sum(len(family.kinds) for family in compiled.families) - bound
    return f"{_counted(len(compiled.families), 'template')}, {_counted(bound, 'field')} bound, {unbound:,} unbound"


def _counts(diagnoses: Sequence[Diagnosis]) -> str:
    counts = {noun: sum(diagnosis.severity == severity for diagnosis in diagnoses) for severity, noun in _NOUNS.items()}
    return ", ".join(_counted(count, noun) for noun, count in counts.items())


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
