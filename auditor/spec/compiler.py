"""Document and bindings -> specification, or everything that is wrong with the two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec import globs
from auditor.spec.bindings import Binding, Bindings, read_bindings
from auditor.spec.family import Family
from auditor.spec.faults import Fault, FaultCode, Remark, Source, SpecificationError, Text, decode
from auditor.spec.kinds import SEGMENT
from auditor.spec.markdown import Item, read_markdown
from auditor.spec.missing import missing
from auditor.spec.model import RowPolicy
from auditor.spec.naming import common_root, family_names
from auditor.spec.placeholders import foreign
from auditor.spec.quoting import quoted
from auditor.spec.specification import Specification
from auditor.spec.template import Template, read_template
from auditor.spec.uses import ContentTypes, Expiry


@dataclass(frozen=True)
class _Document:
    """What a document says without its bindings, in its order."""

    entries: Sequence[tuple[Template, Item]]
    remarks: Sequence[Remark]

    @property
    def templates(self) -> list[Template]:
        return [template for template, _ in self.entries]


def compile_specification(document: Source, bindings: Source | None = None, *, strict: bool = False) -> Specification:
    """Compile a key specification with its bindings.

    `strict` is for bindings that the user named: what they say about templates and fields that the document has not
    is then a fault, and otherwise ignored. Raises SpecificationError, and no other exception, with all faults of both
    files, the document's first.
    """
    faults: list[Fault] = []
    read = _Document((), ())
    bound: Bindings | None = None
    text = Text(document.name, "", ())
    try:
        text = decode(document)
        read = _read_document(text)
    except SpecificationError as error:
        faults += error.faults
    try:
        bound = read_bindings(decode(bindings)) if bindings else None
    except SpecificationError as error:
        faults += error.faults
    if not faults and bound and strict:
        faults += sorted(missing(bound, read.templates))
    if faults:
        raise SpecificationError(faults)
    specification = _specification(document, bindings, read, bound)
    if faults := list(_too_large(specification, text, bound)):
        raise SpecificationError(faults)
    return specification


def _read_document(document: Text) -> _Document:
    entries: list[tuple[Template, Item]] = []
    faults: list[Fault] = []
    items, remarks = read_markdown(document)
    for item in items:
        template = read_template(item.text, item.places, document)
        if isinstance(template, Template):
            entries.append((template, item))
            remarks += _foreign(item, document)
        else:
            faults += template
    faults += _duplicates([template for template, _ in entries], document)
    if faults:
        raise SpecificationError(sorted(faults))
    return _Document(entries, sorted(remarks))


def _foreign(item: Item, document: Text) -> Iterator[Remark]:
    for offset, text, field in foreign(item.text):
        message = f"{quoted(text)} is read as literal text"
        yield document.remark(*item.places[offset], message, f"{quoted(field)}, if it stands for something")


def _duplicates(templates: Sequence[Template], document: Text) -> Iterator[Fault]:
    seen: dict[tuple[str | None, ...], Template] = {}
    for template in templates:
        first = seen.setdefault(template.skeleton, template)
        if first is not template:
            same = "the same template" if first.text == template.text else "the same template but for field names"
            message = f"{same} as in line {first.line}"
            yield document.fault(template.line, template.column, message, "each template once", FaultCode.DUPLICATE)


def _specification(document: Source, bindings: Source | None, read: _Document, bound: Bindings | None) -> Specification:
    said: Mapping[str, Binding] = bound.templates if bound else {}
    templates = read.templates
    root = bound.root if bound and bound.root is not None else None
    if root is None or not any(template.text.startswith(root) for template in templates):
        root = common_root(templates)
    given = {text: binding.name for text, binding in said.items() if binding.name is not None}
    names = family_names(templates, root, given)
    families = tuple(
        _family(name, template, item, bound) for name, (template, item) in zip(names, read.entries, strict=True)
    )
    by_text = {family.template.text: family for family in families}
    return Specification(
        document=document.name,
        sha256=hashlib.sha256(document.data).hexdigest(),
        bindings=bindings.name if bindings else None,
        root=root,
        families=families,
        rows=dict(bound.rows) if bound else {},
        ignore=bound.ignore if bound else (),
        database_backups=_named(by_text, bound.database_backups if bound else ()),
        remarks=tuple(read.remarks),
        references=bound.references if bound else None,
        redis_backups=_named(by_text, bound.redis_backups if bound else ()),
        pending=bound.pending if bound else None,
    )


def _named(by_text: Mapping[str, Family], texts: Sequence[str]) -> tuple[Family, ...]:
    return tuple(by_text[text] for text in dict.fromkeys(texts) if text in by_text)


def _family(name: str, template: Template, item: Item, bound: Bindings | None) -> Family:
    binding = bound.templates.get(template.text, Binding()) if bound else Binding()
    path = ("templates", template.text)
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
        kinds_from={
            name: bound.toml.location((*path, "fields", name)) for name in names if bound and name in binding.kinds
        },
        expected_tables=binding.expected_tables,
        series=binding.series,
        rows_from=bound.toml.location((*path, "rows")) if bound and binding.rows is not RowPolicy.UNMANAGED else None,
        content_types=_of_field(binding.content_types, names),
        expires=_of_field(binding.expires, names),
        part=binding.part,
        referenced_elsewhere=binding.elsewhere,
    )


_Use = TypeVar("_Use", ContentTypes, Expiry)


def _of_field(use: _Use | None, names: Sequence[str]) -> _Use | None:
    """None for what rests on a field that the template has not."""
    return use if use is None or use.field is None or use.field in names else None


def _too_large(specification: Specification, document: Text, bound: Bindings | None) -> Iterator[Fault]:
    """Templates with kinds, or globs, that are together more than the regex engine takes."""
    for family in specification.families:
        if not all(_engine_takes(family.capturing(shapes=shapes)) for shapes in (False, True)):
            place = family.template.line, family.template.column
            yield document.fault(*place, "the template with its field kinds is too large", "fewer or simpler kinds")
    if bound and specification.ignore and not _engine_takes(globs.re2(specification.ignore)):
        yield bound.toml.fault(("ignore", "globs"), "the globs are together too large", "fewer or simpler globs")


def _engine_takes(pattern: str) -> bool:
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        return False
    return True
