"""The template language, read by pyparsing into frozen dataclasses.

    template = part, { part } ;
    part     = field | literal ;
    field    = "{", name, "}" ;
    name     = character, { character } ;      (* at least one is not blank *)
    literal  = character, { character } ;
    character = ? any but "{" and "}" ? ;

There is no escape: a brace in a key cannot be written in a template. The grammar has productions for what is wrong as
well (a brace alone, a field without a name), so that one reading finds every fault of a template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyparsing as pp

from auditor.spec.faults import Fault, Text
from auditor.spec.inline import Place
from auditor.spec.quoting import quoted

MOST_FIELDS = 32
MOST_BYTES = 1024  # the longest key that S3 takes


@dataclass(frozen=True)
class Literal:
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Field:
    """`name` is without the blanks around it; the place is the opening brace's."""

    name: str
    line: int
    column: int


@dataclass(frozen=True)
class Template:
    """One code span of the document; no two literals are neighbours."""

    text: str
    line: int
    column: int
    parts: tuple[Literal | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def literal(self) -> str:
        """The text before the first field."""
        first = self.parts[0]
        return first.text if isinstance(first, Literal) else ""

    @property
    def skeleton(self) -> tuple[str | None, ...]:
        """The literals, and None for each field: equal for templates that differ only in field names."""
        return tuple(part.text if isinstance(part, Literal) else None for part in self.parts)


@dataclass(frozen=True)
class _Part:
    kind: str
    text: str
    offset: int


def _part(kind: str) -> Callable[[str, int, pp.ParseResults], _Part]:
    return lambda _text, offset, tokens: _Part(kind, tokens[0], offset)


def _grammar() -> pp.ParserElement:
    productions = {
        "field": r"\{(?P<name>\s*[^{}\s][^{}]*)\}",
        "nameless": r"\{\s*\}",
        "unclosed": r"\{",
        "unopened": r"\}",
        "literal": r"[^{}]+",
    }
    parts = [pp.Regex(regex).set_parse_action(_part(kind)) for kind, regex in productions.items()]
    return pp.ZeroOrMore(pp.MatchFirst(parts)).leave_whitespace(recursive=True).parse_with_tabs()


_GRAMMAR = _grammar()


def read_template(text: str, places: Sequence[Place], document: Text) -> Template | list[Fault]:
    """The template, or everything that is wrong with it.

    `places` has the place in the document of each character of `text`, and one more for its end.
    """
    parts: list[_Part] = list(_GRAMMAR.parse_string(text, parse_all=True))
    faults = [document.fault(*place, message, expected) for place, message, expected in _wrong(text, parts, places)]
    if faults:
        return faults
    nodes = tuple(
        Field(part.text[1:-1].strip(), *places[part.offset])
        if part.kind == "field"
        else Literal(part.text, *places[part.offset])
        for part in parts
    )
    return Template(text, *places[0], nodes)


def _wrong(text: str, parts: Sequence[_Part], places: Sequence[Place]) -> Iterator[tuple[Place, str, str]]:
    if not text.strip():
        yield places[0], "the template is empty", "a key with fields, such as `folder/{field}`"
    for part in parts:
        if part.kind == "unclosed":
            yield places[part.offset], "`{` without `}`", "a field, such as `{name}`"
        if part.kind == "unopened":
            yield places[part.offset], "`}` without `{`", "a field, such as `{name}`"
        if part.kind == "nameless":
            yield places[part.offset + 1], "the field has no name", "a name between `{` and `}`"
    yield from _repeated(parts, places)
    yield from _too_long(parts, places)


def _repeated(parts: Sequence[_Part], places: Sequence[Place]) -> Iterator[tuple[Place, str, str]]:
    seen: Counter[str] = Counter()
    for part in parts:
        if part.kind == "field":
            name = part.text[1:-1].strip()
            seen[name] += 1
            if seen[name] > 1:
                expected = "another name, since bindings and findings speak of a field by its name"
                yield places[part.offset], f"the template has two fields {quoted(name)}", expected


def _too_long(parts: Sequence[_Part], places: Sequence[Place]) -> Iterator[tuple[Place, str, str]]:
    fields = [part for part in parts if part.kind == "field"]
    if len(fields) > MOST_FIELDS:
        message = f"the template has {len(fields)} fields"
        yield places[fields[MOST_FIELDS].offset], message, f"at most {MOST_FIELDS}"
    shortest = len(fields) + sum(len(part.text.encode()) for part in parts if part.kind == "literal")
    if shortest > MOST_BYTES:
        message = f"the shortest key of this template has {shortest} bytes"
        yield places[0], message, f"at most {MOST_BYTES}, as no key of S3 is longer"
