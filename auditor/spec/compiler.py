"""Document and bindings -> specification, or everything that is wrong with the two."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec import globs
from auditor.spec.bindings import Binding, Bindings, read_bindings
from auditor.spec.family import Family
from auditor.spec.faults import Fault, Source, SpecificationError, Text, decode
from auditor.spec.kinds import SEGMENT
from auditor.spec.markdown import Item, read_items
from auditor.spec.naming import common_root, family_names
from auditor.spec.quoting import quoted
from auditor.spec.specification import Specification
from auditor.spec.template import Template, read_template
from auditor.spec.toml import Path

Entries = list[tuple[Template, Item]]


def compile_specification(document: Source, bindings: Source | None = None, *, strict: bool = False) -> Specification:
    """Compile a key specification with its bindings.

    `strict` is for bindings that the user named: what they say about templates and fields that the document has not
    is then a fault, and otherwise ignored. Raises SpecificationError, and no other exception, with all faults of both
    files, the document's first.
    """
    faults: list[Fault] = []
    entries: Entries = []
    bound: Bindings | None = None
    text = Text(document.name, "", ())
    try:
        text = decode(document)
        entries = _read_document(text)
    except SpecificationError as error:
        faults += error.faults
    try:
        bound = read_bindings(decode(bindings)) if bindings else None
    except SpecificationError as error:
        faults += error.faults
    if not faults and bound and strict:
        faults += sorted(_missing(bound, [template for template, _ in entries]))
    if faults:
        raise SpecificationError(faults)
    specification = _specification(document, bindings, entries, bound)
    if faults := list(_too_large(specification, text)):
        raise SpecificationError(faults)
    return specification


def _read_document(document: Text) -> Entries:
    entries: Entries = []
    faults: list[Fault] = []
    items = read_items(document)
    for item in items:
        template = read_template(item.text, item.places, document)
        if isinstance(template, Template):
            entries.append((template, item))
        else:
            faults += template
    faults += _duplicates([template for template, _ in entries], document)
    if not items:
        expected = "a list item that begins with a template and a colon, such as - `folder/{field}`: what it is"
        faults.append(document.fault(1, 1, "this document has no key template", expected))
    if faults:
        raise SpecificationError(sorted(faults))
    return entries


def _duplicates(templates: Sequence[Template], document: Text) -> Iterator[Fault]:
    seen: dict[tuple[str | None, ...], Template] = {}
    for template in templates:
        first = seen.setdefault(template.skeleton, template)
        if first is not template:
            same = "the same template" if first.text == template.text else "the same template but for field names"
            message = f"{same} as in line {first.line}"
            yield document.fault(template.line, template.column, message, "each template once")


def _missing(bound: Bindings, templates: Sequence[Template]) -> Iterator[Fault]:
    """What the bindings speak of and the document has not."""
    by_text = {template.text: template for template in templates}
    if bound.root is not None and not any(text.startswith(bound.root) for text in by_text):
        yield bound.toml.fault(
            ("root",), "no template begins with this root", "the folders that templates begin with", at_value=True
        )
    for number, text in enumerate(bound.database_backups):
        if text not in by_text:
            path = ("database_backups", str(number))
            yield bound.toml.fault(path, "the document has no such template", _like(text, by_text), at_value=True)
    for text, binding in bound.templates.items():
        if text in by_text:
            names = [field.name for field in by_text[text].fields]
            yield from _missing_fields(bound, ("templates", text, "fields"), binding.kinds, names)
            yield from _missing_fields(bound, ("templates", text, "owners"), binding.owners, names)
        else:
            yield bound.toml.fault(("templates", text), "the document has no such template", _like(text, by_text))


def _missing_fields(bound: Bindings, path: Path, said: Iterable[str], names: Sequence[str]) -> Iterator[Fault]:
    for name in said:
        if name not in names:
            yield bound.toml.fault((*path, name), f"the template has no field {quoted(name)}", _like(name, names))


def _like(text: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.0)
    return f"one that is there, such as {quoted(near[0])}" if near else "none, since there is none"


def _specification(
    document: Source, bindings: Source | None, entries: Entries, bound: Bindings | None
) -> Specification:
    said = bound.templates if bound else {}
    templates = [template for template, _ in entries]
    root = bound.root if bound and bound.root is not None else None
    if root is None or not any(template.text.startswith(root) for template in templates):
        root = common_root(templates)
    given = {text: binding.name for text, binding in said.items() if binding.name is not None}
    names = family_names(templates, root, given)
    families = tuple(
        _family(name, template, item, said.get(template.text, Binding()))
        for name, (template, item) in zip(names, entries, strict=True)
    )
    by_text = {family.template.text: family for family in families}
    backups = dict.fromkeys(bound.database_backups if bound else ())
    return Specification(
        document=document.name,
        sha256=hashlib.sha256(document.data).hexdigest(),
        bindings=bindings.name if bindings else None,
        root=root,
        families=families,
        rows=dict(bound.rows) if bound else {},
        ignore=bound.ignore if bound else (),
        database_backups=tuple(by_text[text] for text in backups if text in by_text),
    )


def _family(name: str, template: Template, item: Item, binding: Binding) -> Family:
    names = [field.name for field in template.fields]
    return Family(
        name=name,
        template=template,
        kinds={name: binding.kinds.get(name, SEGMENT) for name in names},
        rows=binding.rows,
        tables=tuple(dict.fromkeys((*binding.tables, *item.tables))),
        owners={name: owner for name, owner in binding.owners.items() if name in names},
        content=binding.content,
        secret=binding.secret,
        note=item.note,
    )


def _too_large(specification: Specification, document: Text) -> Iterator[Fault]:
    """Templates with kinds, or globs, that are together more than the regex engine takes."""
    for family in specification.families:
        if not all(_engine_takes(family.capturing(shapes=shapes)) for shapes in (False, True)):
            place = family.template.line, family.template.column
            yield document.fault(*place, "the template with its field kinds is too large", "fewer or simpler kinds")
    if specification.ignore and not _engine_takes(globs.re2(specification.ignore)):
        yield document.fault(1, 1, "the globs of the bindings are too many", "fewer or simpler globs")


def _engine_takes(pattern: str) -> bool:
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        return False
    return True
