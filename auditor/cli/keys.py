"""`auditor check-keys`: the grammar on keys from standard input, with no bucket and no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click
import pyarrow as pa

from auditor.cli.parameters import load_specification, selection_options, specification_options
from auditor.errors import CannotStart
from auditor.findings import Finding, Severity
from auditor.plugins import load_rules
from auditor.scan.keys import check
from auditor.scan.rulebook import RuleBook, all_infos
from auditor.selection import choose
from auditor.spec import Specification
from auditor.text import printable

BATCH = 20_000
READ = 1 << 20  # bytes


@click.command("check-keys")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("-0", "nul", is_flag=True, help="Keys end in NUL instead of a newline, so that they may hold newlines.")
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@specification_options
@selection_options
@click.pass_context
def check_keys(
    context: click.Context,
    file: BinaryIO,
    nul: bool,
    form: str,
    spec_file: Path | None,
    bindings: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """Classify keys, one a line, from FILE or standard input (-). Needs neither AWS nor a database."""
    compiled = load_specification(spec_file, bindings)
    rules = load_rules()
    book = RuleBook(rules, "", choose(all_infos(rules), select, ignore))
    bad = False
    for keys in _batches(file, b"\0" if nul else b"\n"):
        fields = _fields(compiled, keys) if form == "jsonl" else []
        for number, (key, family, finding) in enumerate(check(compiled, book, keys)):
            bad = bad or (finding is not None and finding.severity >= Severity.WARNING)
            click.echo(_as_json(key, family, finding, fields[number]) if fields else _as_text(key, family, finding))
    context.exit(int(bad))


def _as_text(key: str, family: str | None, finding: Finding | None) -> str:
    verdict = finding.rule if finding else "ok"
    tail = f"  {printable(finding.message)}" if finding else ""
    return f"{verdict:<7} {family or '-':<24} {printable(key)}{tail}"


def _as_json(key: str, family: str | None, finding: Finding | None, fields: dict[str, str]) -> str:
    said = {"key": key, "family": family, "rule": finding.rule if finding else None, "fields": fields}
    return json.dumps(said, ensure_ascii=False)


def _fields(compiled: Specification, keys: list[str]) -> list[dict[str, str]]:
    """Field values by name for each key; none for a key without a family."""
    fields: list[dict[str, str]] = [{} for _ in keys]
    for found in compiled.field_values(pa.array(keys, pa.string())):
        names = [field.name for field in found.family.template.fields]
        for position, values in zip(found.positions.tolist(), found.by_key(), strict=True):
            fields[position] = dict(zip(names, values, strict=True))
    return fields


def _batches(file: BinaryIO, end: bytes) -> Iterator[list[str]]:
    batch: list[str] = []
    for number, line in enumerate(_lines(file, end), 1):
        try:
            batch.append(line.decode())
        except UnicodeDecodeError as error:
            raise CannotStart(f"key {number} is not UTF-8, so it cannot be the key of an object: remove it") from error
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(file: BinaryIO, end: bytes) -> Iterator[bytes]:
    """Pieces between the ends; a last piece without an end counts, an empty one does not."""
    rest = b""
    while chunk := file.read(READ):
        *whole, rest = (rest + chunk).split(end)
        yield from whole
    if rest:
        yield rest
