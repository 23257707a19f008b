"""What bindings speak of and the document has not, each with what was probably meant."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from auditor.spec.bindings import Binding, Bindings
from auditor.spec.faults import Fault, FaultCode
from auditor.spec.quoting import quoted
from auditor.spec.template import Template
from auditor.spec.toml import Path

_NEIGHBOURS = 4  # on either side; what is meant shares its beginning or its end with what is written
_COMPARED = 200  # characters; comparing costs their square


def missing(bound: Bindings, templates: Sequence[Template]) -> Iterator[Fault]:
    """In no order."""
    by_text = {template.text: template for template in templates}
    like = _Likeness(by_text)
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
        meant = _Likeness(names).to(binding.expires.field)
        yield _fault(bound, (*path, "expires", "field"), message, meant, at_value=True)


def _fields(bound: Bindings, path: Path, said: Iterable[str], names: Sequence[str]) -> Iterator[Fault]:
    for name in said:
        if name not in names:
            message = f"the template has no field {quoted(name)}"
            yield _fault(bound, (*path, name), message, _Likeness(names).to(name))


def _fault(bound: Bindings, path: Path, message: str, expected: str, *, at_value: bool = False) -> Fault:
    return bound.toml.fault(path, message, expected, FaultCode.MISNAMED, at_value=at_value)


class _Likeness:
    """Finds the most similar of some texts, comparing only with those that begin or end alike."""

    def __init__(self, known: Iterable[str]) -> None:
        self._forwards = sorted(known)
        self._backwards = sorted(text[::-1] for text in self._forwards)

    def to(self, text: str) -> str:
        """Completes "expected …"."""
        near = [
            *_neighbours(self._forwards, text),
            *(other[::-1] for other in _neighbours(self._backwards, text[::-1])),
        ]
        if not near:
            return "none, since there is none"
        return f"one that is there, such as {quoted(max(near, key=lambda other: _ratio(text, other)))}"


def _neighbours(ordered: Sequence[str], text: str) -> Sequence[str]:
    at = bisect_left(ordered, text)
    return ordered[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]


def _ratio(text: str, other: str) -> float:
    return difflib.SequenceMatcher(None, text[:_COMPARED], other[:_COMPARED]).ratio()
