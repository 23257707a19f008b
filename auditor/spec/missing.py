"""What bindings speak of and the document has not, each with what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.spec.bindings import Binding, Bindings
from auditor.spec.faults import Fault, FaultCode
from auditor.spec.likeness import Likeness
from auditor.spec.quoting import quoted
from auditor.spec.template import Template
from auditor.spec.toml import Path


def missing(bound: Bindings, templates: Sequence[Template]) -> Iterator[Fault]:
    """In no order."""
    by_text = {template.text: template for template in templates}
    like = Likeness(by_text)
    if bound.root is not None and not any(text.startswith(bound.root) for text in by_text):
        expected = "the folders that templates begin with"
        yield _fault(bound, ("root",), "no template begins with this root", expected, at_value=True)
    for name, texts in (("database_backups", bound.database_backups), ("redis_backups", bound.redis_backups)):
        for number, text in enumerate(texts):
            if text not in by_text:
                path = (name, str(number))
                yield _fault(bound, path, "the document has no such template", like.to(text), at_value=True)
    for text, binding in bound.templates.items():
        if text in by_text:
            yield from _of_template(bound, text, binding, [field.name for field in by_text[text].fields])
        else:
            yield _fault(bound, ("templates", text), "the document has no such template", like.to(text))


def _of_template(bound: Bindings, text: str, binding: Binding, names: Sequence[str]) -> Iterator[Fault]:
    path = ("templates", text)
    yield from _fields(bound, (*path, "fields"), binding.kinds, names)
    yield from _fields(bound, (*path, "owners"), binding.owners, names)
    if binding.content_types and binding.content_types.field:
        yield from _fields(bound, (*path, "content_types"), [binding.content_types.field], names)
    if binding.expires and binding.expires.field not in names:
        message = f"the template has no field {quoted(binding.expires.field)}"
        meant = Likeness(names).to(binding.expires.field)
        yield _fault(bound, (*path, "expires", "field"), message, meant, at_value=True)


def _fields(bound: Bindings, path: Path, said: Iterable[str], names: Sequence[str]) -> Iterator[Fault]:
    for name in said:
        if name not in names:
            message = f"the template has no field {quoted(name)}"
            yield _fault(bound, (*path, name), message, Likeness(names).to(name))


def _fault(bound: Bindings, path: Path, message: str, expected: str, *, at_value: bool = False) -> Fault:
    return bound.toml.fault(path, message, expected, FaultCode.MISNAMED, at_value=at_value)
