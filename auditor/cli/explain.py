"""`auditor explain KEY`: what a key is, or where and why it departs; with no bucket and no database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from auditor.cli.explained import Screen, explained
from auditor.cli.parameters import load_specification, screen, specification_options
from auditor.errors import CannotStart
from auditor.findings import RuleInfo
from auditor.plugins import load_rules
from auditor.scan.keys import check
from auditor.scan.rulebook import RuleBook, all_infos
from auditor.selection import choose
from auditor.spec import Explanation, FieldValue, Nearby, Specification
from auditor.text import printable

MOST_BYTES = 1024  # of a key in S3
_SHOWN = 60  # characters of a key that cannot be one


@click.command(short_help="What a key is, or where and why it departs.")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@specification_options
@click.pass_context
def explain(
    context: click.Context, keys: tuple[str, ...], form: str, spec_file: Path | None, bindings: str | None
) -> None:
    """Say what each KEY is, or where it departs from the nearest templates. Needs neither AWS nor a database.

    Write -- before a key that begins with a hyphen. JSON is one object a line, one for each key.
    """
    for key in keys:
        refuse_impossible(key)
    compiled = load_specification(spec_file, bindings)
    rules = _broken_rules(compiled, keys)
    explanations = [compiled.explain(key) for key in keys]
    if form == "json":
        for rule, explanation in zip(rules, explanations, strict=True):
            click.echo(json.dumps(_as_data(compiled, explanation, rule), ensure_ascii=False))
    else:
        page = Screen(*screen())
        blocks = (explained(compiled, each, rule, page) for rule, each in zip(rules, explanations, strict=True))
        click.echo("\n".join(blocks), nl=False, color=True)
    context.exit(int(any(rules)))


def refuse_impossible(key: str) -> None:
    """Raises CannotStart for what can be no key of S3."""
    if not key:
        raise CannotStart("an empty text is no key of S3: give the key of an object")
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise CannotStart(f"{printable(key[:_SHOWN])} is not UTF-8, so it cannot be a key of S3")
    if (length := len(key.encode())) > MOST_BYTES:
        raise CannotStart(f"{key[:_SHOWN]}… has {length} bytes, and a key of S3 has at most {MOST_BYTES}")


def _broken_rules(compiled: Specification, keys: Sequence[str]) -> list[RuleInfo | None]:
    """For each key the rule about keys that it breaks, as an audit would find."""
    rules = load_rules()
    infos = all_infos(rules)
    book = RuleBook(rules, "", choose(infos, ["KEY"]))
    return [infos[finding.rule] if finding else None for _, _, finding in check(compiled, book, keys)]


def _as_data(compiled: Specification, explanation: Explanation, rule: RuleInfo | None) -> dict[str, Any]:
    family = compiled.family(explanation.family) if explanation.family else None
    tied = [(compiled.family(name), None) for name in explanation.candidates]
    return {
        "key": explanation.key,
        "fit": str(explanation.fit),
        "rule": rule.code if rule else None,
        "family": explanation.family,
        "template": family.template.text if family else None,
        "file": compiled.document,
        "line": family.template.line if family else None,
        "fields": [_field(field) for field in explanation.fields],
        "rows": str(family.rows) if family else None,
        "tables": list(family.tables) if family else [],
        "content": family.content if family else None,
        "candidates": [
            {"family": other.name, "template": other.template.text, "line": other.template.line, "beaten_because": why}
            for other, why in (*tied, *compiled.beaten(explanation.key))
        ],
        "column": explanation.column,
        "expected": explanation.expected,
        "found": explanation.found,
        "unknown_from": explanation.unknown_from,
        "glob": explanation.glob,
        "nearest": [_near(compiled, near) for near in explanation.nearby if not family],
        "sentence": explanation.sentence,
    }


def _field(field: FieldValue) -> dict[str, Any]:
    return {
        "name": field.name,
        "value": field.value,
        "kind": field.kind,
        "valid": field.valid,
        "expected": field.expected,
        "found": field.found,
        "column": field.column,
    }


def _near(compiled: Specification, near: Nearby) -> dict[str, Any]:
    template = compiled.family(near.family).template
    return {
        "family": near.family,
        "template": template.text,
        "line": template.line,
        "column": near.column,
        "expected": near.expected,
        "found": near.found,
    }
