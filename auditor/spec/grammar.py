"""The other side of the compiler: pyparsing elements that read one key, and say how far it got.

    key = { literal | field }, end ;

Matching is leftmost and greedy with backtracking, as in a regular expression: a field takes the longest value that
leaves a rest which the rest of the template can read. pyparsing's own sequence never gives back what it took, hence
`GreedyField`, which holds the rest of the template inside itself. It remembers the places from which the rest cannot
be read, and for kinds that may end anywhere also which ends it has tried, so that their work grows with the key's
length; of the other kinds it is bounded by the square of it. Either is multiplied by the number of fields at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pyparsing as pp

from auditor.spec.agreement import agreement
from auditor.spec.kinds import Kind, shape
from auditor.spec.quoting import quoted
from auditor.spec.template import Field, Literal, Template

ParseImplReturn = tuple[int, Any]


class Departure(pp.ParseException):
    """The key cannot be read from `loc` (0-based) on; before `reach` all characters still agree.

    `values` are those of the fields that were read before it.
    """

    def __init__(
        self, key: str, loc: int, reach: int, expected: str, element: pp.ParserElement, values: tuple[str, ...] = ()
    ) -> None:
        super().__init__(key, loc, f"expected {expected}", element)
        self.reach = reach
        self.expected = expected
        self.element = element
        self.values = values

    def after(self, value: str) -> Departure:
        """The same departure, seen from a field with that value before it."""
        return Departure(self.pstr, self.loc, self.reach, self.expected, self.element, (value, *self.values))


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
        """Of a key that has not the literal at `loc`; in words of the folder in which it departs."""
        agreed = 0
        while agreed < len(self.text) and key[loc + agreed : loc + agreed + 1] == self.text[agreed]:
            agreed += 1
        start = self.text.rfind("/", 0, agreed) + 1
        folder = self.text[start : self.text.find("/", max(agreed, start + 1)) + 1 or None]
        return Departure(key, loc + start, loc + agreed, quoted(folder), self)

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


class _Memory(NamedTuple):  # quick to make: there is a new one for every key
    """What a field has found out about one key."""

    key: str
    hopeless: dict[int, Departure]  # by the place from which the rest cannot be read
    # By the limit of a value: the lowest end, the best departure and the end of the value before it.
    tried: dict[int, tuple[int, Departure | None, int]]


class GreedyField(pp.ParseElementEnhance):
    """A field and the rest of the template; `following` is the element that the rest begins with."""

    expr: pp.ParserElement

    def __init__(self, kind: Kind, following: Exactly | End | GreedyField, rest: pp.ParserElement) -> None:
        super().__init__(rest)
        self.kind = kind
        self.following = following
        self.leave_whitespace(recursive=False)
        self._memory = _Memory("", {}, {})

    def parseImpl(self, instring: str, loc: int, do_actions: bool = True) -> ParseImplReturn:  # noqa: N802
        longest = self.kind.regex.match(instring, loc)
        if longest is None:
            reach = loc + agreement(self.kind, instring[loc:])
            raise Departure(instring, loc, reach, self.kind.words, self)
        limit, memory = longest.end(), self._memory_of(instring)
        highest, furthest, furthest_end = self._left_to_try(memory, loc, limit)
        for end in self._ends(instring, loc, highest):
            if end not in memory.hopeless:
                try:
                    after, tokens = self.expr._parse(instring, end, do_actions)  # noqa: SLF001 - as its elements do
                except Departure as departure:
                    memory.hopeless[end] = departure.with_traceback(None)
                else:
                    return after, pp.ParseResults([instring[loc:end]]) + tokens
            if furthest is None or memory.hopeless[end].reach > furthest.reach:
                furthest, furthest_end = memory.hopeless[end], end
        memory.tried[limit] = (self._least(loc), furthest, furthest_end)
        if furthest is None:
            raise self._departure(instring, loc, limit)
        raise furthest.after(instring[loc:furthest_end])

    def _left_to_try(self, memory: _Memory, start: int, limit: int) -> tuple[int, Departure | None, int]:
        """The highest end that was not tried from a later start; of those that were, the best departure and its end."""
        lowest, furthest, end = memory.tried.get(limit, (-1, None, start))
        # Whoever reads what stands before also tries its longest values first, so starts come from right to left.
        known = self.kind.closed and self._least(start) <= lowest
        return (lowest - 1, furthest, end) if known else (limit, None, start)

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
            return departure.after(key[start:at])
        return Departure(key, start, start, self.kind.words, self)

    def _memory_of(self, key: str) -> _Memory:
        # The memory belongs to one key; another thread may replace it at any time, and only loses speed.
        memory = self._memory
        if memory.key is not key:
            memory = self._memory = _Memory(key, {}, {})
        return memory


class KeyGrammar:
    """Reads keys by one template: by its kinds, or by its form alone."""

    def __init__(self, template: Template, kinds: Sequence[Kind]) -> None:
        self._is_field = [isinstance(part, Field) for part in template.parts]
        self._strict = _grammar(template, list(kinds))
        self._shapes = _grammar(template, [replace(shape(kind), words=kind.words) for kind in kinds])

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
