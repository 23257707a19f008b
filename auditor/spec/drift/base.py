"""The document and bindings that the drift is measured against, and both with something appended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from auditor.spec.bindings import Binding, read_bindings
from auditor.spec.compiler import compile_specification
from auditor.spec.drift.names import Named
from auditor.spec.family import Family
from auditor.spec.faults import Fault, Source, SpecificationError, decode
from auditor.spec.specification import Specification

_FIELD = re.compile(r"[{][^{}]*[}]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Base:
    """Sources that compile; `strict` as for `compile_specification`."""

    document: Source
    bindings: Source | None
    strict: bool = False

    @cached_property
    def bound(self) -> Mapping[str, Binding]:
        """What the bindings say already, by the text of the template, also of templates that the document lacks."""
        return read_bindings(decode(self.bindings)).templates if self.bindings else {}

    @cached_property
    def bound_forms(self) -> Mapping[str, str]:
        """The texts of those templates by their form, see `form`."""
        return {form(text): text for text in reversed(list(self.bound))}

    def appended(self, markdown: str, toml: str) -> Specification:
        """The specification with this text behind the document and behind the bindings. Raises SpecificationError."""
        document = Source(self.document.name, self.document.data + b"\n\n" + markdown.encode())
        name, data = (self.bindings.name, self.bindings.data) if self.bindings else ("drift.toml", b"")
        return compile_specification(document, Source(name, data + b"\n" + toml.encode()), strict=self.strict)

    def extended(self, named: Iterable[Named]) -> Specification:
        """The specification with these templates as well. Raises SpecificationError."""
        new = list(named)
        markdown = "## -\n\n" + "".join(f"- `{one.text}`: -\n" for one in new)
        extended = self.appended(markdown, "".join(table(one) for one in new if one.text not in self.bound))
        if not {one.text for one in new} <= {family.template.text for family in extended.families}:
            raise SpecificationError([self._unending()])
        return extended

    def _unending(self) -> Fault:
        text = decode(self.document)
        message = "nothing can be appended to this document: a code block or comment is open at its end"
        return text.fault(len(text.lines), 1, message, "the end of the block")


def form(text: str) -> str:
    """The template without the names of its fields.

    >>> form("a/{b c}/{d}.e")
    'a/{}/{}.e'
    """
    return _FIELD.sub("{}", text)


def family_of(named: Named) -> Family:
    """The template compiled alone. Raises SpecificationError."""
    document = Source("drift", f"- `{named.text}`: -\n".encode())
    specification = compile_specification(document, Source("drift", table(named).encode()), strict=True)
    (family,) = specification.families
    if family.template.text != named.text:
        raise SpecificationError([])
    return family


def table(named: Named, rows: str = "") -> str:
    """The TOML table of one template; `rows` is a line of its own, or nothing."""
    lines = [f"[templates.{quote(named.text)}]", *filter(None, [rows])]
    if named.kinds:
        fields = ", ".join(f"{key(name)} = {quote(kind)}" for name, kind in named.kinds.items())
        lines.append(f"fields = {{ {fields} }}")
    return "\n".join(lines) + "\n"


def quote(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, and what JSON leaves as it is a template does not hold."""
    return json.dumps(text, ensure_ascii=False)


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quote(name)
