"""Any bytes as a document and as bindings: a specification that works, or faults that can be shown."""

from __future__ import annotations

from auditor.spec import Fault, Source, SpecificationError, compile_specification, describe
from rules.shipped import file_service

_BETWEEN = b"\n%%%%\n"  # what stands before it is the document, what stands behind it the bindings

_SHIPPED = file_service()
SEEDS = (
    _SHIPPED.document.data + _BETWEEN + _SHIPPED.bindings.data,
    b"1. **`a/{b}.{c}`**: see [x](../db/t.md). NOTE: y\n   * `wrapped/{a\n  b}`: z\n" + _BETWEEN + b'root = "a/"\n',
    b"> - ``a`{b}``: x [../db/t.md]\n- `{`: y\n- `a/{}`: z\n\n- `<x>/:y/$Z`: w\n- `n/{o}` - no colon\n",
    b"- `a/{b}-{c}`: x\n" + _BETWEEN + b'[templates."a/{b}-{c}"]\nfields = { b = "uid(x)", c = "choice(a, b)" }\n',
    b"| `a/{b}` | table |\n|---|---|\n\n    - `code/{block}`: x\n\n# `heading/{x}`:\n",
    b"\xef\xbb\xbf- `bom/{x}`: y\r\n- `caf\xc3\xa9/{z}`: w\r- `\xff`: v",
)


def one(data: bytes) -> None:
    text, _, said = data.partition(_BETWEEN)
    document, bindings = Source("keys.md", text), Source("keys.toml", said) if said else None
    for strict in (False, True):
        for fault in _faults(document, bindings, strict=strict):
            assert fault.line >= 1
            assert fault.column >= 1
            assert fault.render().replace("\n", "").replace("\t", "").isprintable()


def _faults(document: Source, bindings: Source | None, *, strict: bool) -> tuple[Fault, ...]:
    """None when the two compile, and then they can be used."""
    try:
        spec = compile_specification(document, bindings, strict=strict)
    except SpecificationError as error:
        return error.faults
    assert len(describe(spec)["families"]) == len(spec.families) > 0
    assert spec.explain("s3_files/a/b.c").key
    return ()
