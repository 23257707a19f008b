"""The other side of the compiler: pyparsing elements that read one key, and say how far it got.

    key = { literal | field }, end ;

Matching is leftmost and greedy with backtracking, as in a regular expression: a field takes the longest value that
leaves a rest which the rest of the template can read. pyparsing's own sequence never gives back what it took, hence
`GreedyField`, which holds the rest of the template inside itself. It remembers the places from which the rest cannot
be read, so that the work is bounded by the number of fields times the square of the key's length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyparsing as pp

from auditor.spec.kinds import Kind, shape
from auditor.spec.quoting import quoted
from auditor.spec.template import Field, Literal, Template

ParseImplReturn = tuple[int, Any]


class Departure(pp.ParseException):
    """The key cannot be read from `loc` (0-based) on; `reach` counts the characters of the literal that still agree."""

    def __init__(self, key: str, loc: int, reach: int, expected: str, element: pp.ParserElement) -> None:
        super().__init__(key, loc, f"expected {expected}", element)
        self.reach = reach
        self.expected = expected


class Exactly(pp.Token):
    """A literal of the template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.leave_whitespace()

    def _generateDefaultName(self) -> str:  # noqa: N802 - the library's name
        return repr(self.text)

    def parseImpl(self, instring: str, loc: int, do_actions: bool = True) -> ParseImplReturn:  # noqa: N802
        if instring.startswith(self.text, loc):
            return loc + len(self.text), self.text
        raise self.departure(instring, loc)

    def departure(self, key: str, loc: int) -> Departure:
        """Of a key that has not the literal at `loc`; counted from the last folder that agrees."""
        agreed = 0
        while agreed < len(self.text) and key[loc + agreed : loc + agreed + 1] == self.text[agreed]:
            agreed += 1
        folder = self.text.rfind("/", 0, agreed) + 1
        return Departure(key, loc + folder, loc + agreed, quoted(self.text[folder:]), self)

    def places(self, key: str, first: int, last: int) -> Iterator[int]:
        """Where the literal begins in the key, from `last` down to `first`."""
        at = key.rfind(self.text, first, last + len(self.text))
        while at != -1:
            yield at
            at = key.rfind(self.text, first, at + len(self.text) - 1)

    def nearest(self, key: str, first: int, last: int) -> int:
        """Where the most of the literal begins in the key, for keys in which it begins nowhere."""
        for length in range(len(self.text) - 1, 0, -1):
            at = key.rfind(self.text[:length], first, last + length)
            if at != -1:
                return at
        return last


class End(pp.Token):
    """Nothing more. The library's own StringEnd steps beyond the end."""

    def __init__(self) -> None:
        super().__init__()
        self.leave_whitespace()

    def _generateDefaultName(self) -> str:  # noqa: N802 - the library's name
        return "end"

    def parseImpl(self, instring: str, loc: int, do_actions: bool = True) -> ParseImplReturn:  # noqa: N802
        if loc == len(instring):
            return loc, []
        raise Departure(instring, loc, loc, "the end of the key", self)

    def places(self, key: str, first: int, last: int) -> Iterator[int]:
        if first <= last == len(key):
            yield last

    def nearest(self, key: str, first: int, last: int) -> int:
        return last


class GreedyField(pp.ParseElementEnhance):
    """A field and the rest of the template; `following` is the element that the rest begins with."""

    expr: pp.ParserElement

    def __init__(self, kind: Kind, following: Exactly | End | GreedyField, rest: pp.ParserElement) -> None:
        super().__init__(rest)
        self.kind = kind
        self.following = following
        self.leave_whitespace(recursive=False)
        self._hopeless: tuple[str, dict[int, Departure]] = ("", {})

    def parseImpl(self, instring: str, loc: int, do_actions: bool = True) -> ParseImplReturn:  # noqa: N802
        longest = self.kind.regex.match(instring, loc)
        if longest is None:
            raise Departure(instring, loc, loc, self.kind.words, self)
        hopeless = self._hopeless_in(instring)
        furthest: Departure | None = None
        for end in self._ends(instring, loc, longest.end()):
            if end not in hopeless:
                try:
                    after, tokens = self.expr._parse(instring, end, do_actions)  # noqa: SLF001 - as its elements do
                except Departure as departure:
                    hopeless[end] = departure.with_traceback(None)
                else:
                    return after, pp.ParseResults([instring[loc:end]]) + tokens
            if furthest is None or hopeless[end].reach > furthest.reach:
                furthest = hopeless[end]
        raise furthest or self._departure(instring, loc, longest.end())

    def places(self, key: str, first: int, last: int) -> Iterator[int]:
        yield from range(last, first - 1, -1)

    def nearest(self, key: str, first: int, last: int) -> int:
        return last

    def _ends(self, key: str, start: int, limit: int) -> Iterator[int]:
        """Where a value that begins at `start` may end, the longest first."""
        for end in self.following.places(key, self._least(start), limit):
            if self.kind.closed or self.kind.regex.fullmatch(key, start, end):
                yield end

    def _least(self, start: int) -> int:
        return start if self.kind.optional else start + 1

    def _departure(self, key: str, start: int, limit: int) -> Departure:
        at = self.following.nearest(key, self._least(start), limit)
        try:
            self.following.parseImpl(key, at)
        except Departure as departure:
            return departure
        return Departure(key, start, start, self.kind.words, self)

    def _hopeless_in(self, key: str) -> dict[int, Departure]:
        # The memory belongs to one key; another thread may replace it at any time, and only loses speed.
        memory = self._hopeless
        if memory[0] is not key:
            memory = self._hopeless = (key, {})
        return memory[1]


class KeyGrammar:
    """Reads keys by one template: by its kinds, or by its form alone."""

    def __init__(self, template: Template, kinds: Sequence[Kind]) -> None:
        self._is_field = [isinstance(part, Field) for part in template.parts]
        self._strict = _grammar(template, list(kinds))
        self._shapes = _grammar(template, [shape(kind) for kind in kinds])

    def read(self, key: str, *, shapes: bool) -> tuple[str, ...]:
        """The values of the fields in the order of the template. Raises Departure."""
        grammar = self._shapes if shapes else self._strict
        tokens = grammar.parse_string(key)
        return tuple(token for token, is_field in zip(tokens, self._is_field, strict=True) if is_field)


def _grammar(template: Template, kinds: list[Kind]) -> pp.ParserElement:
    first: Exactly | End | GreedyField = End()
    rest: pp.ParserElement = first
    for part in reversed(template.parts):
        if isinstance(part, Literal):
            first = Exactly(part.text)
            rest = pp.And([first, rest])
        else:
            first = rest = GreedyField(kinds.pop(), first, rest)
    return rest.parse_with_tabs()
