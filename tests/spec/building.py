"""Specifications for tests, from a few lines."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa

from auditor.spec import Source, Specification, SpecificationError, compile_specification


def document(*templates: str) -> Source:
    return Source("keys.md", "".join(f"- `{template}`: prose\n" for template in templates).encode())


def bindings(kinds: Mapping[str, Mapping[str, str]], head: str = "") -> Source:
    lines = [head]
    for template, fields in kinds.items():
        lines.append(f"[templates.{json.dumps(template)}.fields]")
        lines += [f"{json.dumps(name)} = {json.dumps(kind)}" for name, kind in fields.items()]
    return Source("keys.toml", "\n".join(lines).encode())


def compiled(kinds: Mapping[str, Mapping[str, str]], head: str = "") -> Specification:
    """A specification with these templates and the kinds of (some of) their fields."""
    return compile_specification(document(*kinds), bindings(kinds, head), strict=True)


def classified(spec: Specification, *keys: str) -> list[tuple[str | None, str]]:
    classes = spec.classify(pa.array(keys, pa.string()))
    return list(zip(classes.family.to_pylist(), classes.fit.to_pylist(), strict=True))


def faults(
    document: str | bytes, bindings: str | bytes | None = None, *, strict: bool = True
) -> list[tuple[int, int, str]]:
    """Line, column and message of every fault."""
    data = document if isinstance(document, bytes) else document.encode()
    said = bindings.encode() if isinstance(bindings, str) else bindings
    try:
        compile_specification(Source("d.md", data), said and Source("b.toml", said), strict=strict)
    except SpecificationError as error:
        return [(fault.line, fault.column, fault.message) for fault in error.faults]
    return []
