"""Markdown's inline text with places: every code span knows where in the document each of its characters stands.

markdown-it-py gives places only for blocks. Two rules of ours tell, for code spans and for bracketed paths, where in
the block's text they begin; from there the document's lines are counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, backtick
from markdown_it.token import Token

from auditor.spec.faults import SpecificationError, Text

Place = tuple[int, int]  # line and column in the document, 1-based

BRACKETED = "bracketed_table"  # our token for a path in brackets that is no link
_BRACKETED = re.compile(r"\[(?:[^\[\]\s]*/)?db/([A-Za-z_][A-Za-z0-9_]*)\.md(?:[?#][^\[\]\s]*)?\]")
_DEEPEST = 40  # nesting that the reader follows; its own default, 20, is ten lists and drops the rest unsaid
_PIECES = re.compile(r"[^\n]+|\n[ \t]*")


class Inline:
    """The text of a paragraph, a heading or the like, with the tokens in it."""

    def __init__(self, token: Token, document: Text) -> None:
        self.children: Sequence[Token] = token.children or []
        self._text = token.content
        self._first = token.map[0] if token.map else 0  # 0-based line
        self._document = document

    def span(self, code: Token) -> tuple[str, tuple[Place, ...]]:
        """A code span's text with the place of each of its characters, and one more for its end."""
        start, end = code.meta["start"] + len(code.markup), code.meta["end"] - len(code.markup)
        offsets = _kept(self._text, start, end)
        text = "".join(" " if self._text[offset] == "\n" else self._text[offset] for offset in offsets)
        return text, tuple(self.place(offset) for offset in [*offsets, end])

    def place(self, offset: int) -> Place:
        """Of a character of the text."""
        row = bisect_right(self._line_offsets, offset) - 1
        line, column = self._line_places[row]
        return line, max(1, column + offset - self._line_offsets[row])

    @cached_property
    def _line_offsets(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    @cached_property
    def _line_places(self) -> list[Place]:
        """For each line of the text the place of its first character: what Markdown cuts off is always a prefix."""
        places = []
        for number, line in enumerate(self._text.split("\n"), self._first + 1):
            at = self._document.line(number).rfind(line.strip()) - (len(line) - len(line.lstrip()))
            places.append((number, at + 1))
        return places


def parse(document: Text) -> list[Token]:
    """The blocks of the document. Raises SpecificationError when they are nested too deeply."""
    reader = MarkdownIt("commonmark", {"maxNesting": _DEEPEST})
    reader.inline.ruler.at("backticks", _code_span)
    reader.inline.ruler.after("link", BRACKETED, _bracketed)  # a link that is one comes first
    try:
        return reader.parse("\n".join(document.lines))
    except RecursionError:
        raise SpecificationError([document.fault(1, 1, "nested too deeply", "simple lists")]) from None


def _code_span(state: StateInline, silent: bool) -> bool:
    start, before = state.pos, len(state.tokens)
    found = backtick(state, silent)
    if len(state.tokens) > before and state.tokens[-1].type == "code_inline":
        state.tokens[-1].meta = {"start": start, "end": state.pos}
    return found


def _bracketed(state: StateInline, silent: bool) -> bool:
    """`[../db/table.md]`: meant as a link, and none."""
    match = _BRACKETED.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push(BRACKETED, "", 0)
        token.content = match[0]
        token.meta = {"start": state.pos, "table": match[1]}
    state.pos = match.end()
    return True


def _kept(text: str, start: int, end: int) -> list[int]:
    """The offsets of a code span's characters; a line end stands for a blank, the next line's indent for nothing.

    CommonMark: one blank at either end is no part of a code span that has anything else.
    """
    offsets: list[int] = []
    for piece in _PIECES.finditer(text, start, end):
        is_end = text[piece.start()] == "\n"
        offsets += [piece.start()] if is_end else range(piece.start(), piece.end())
    blank = [text[offset] in " \n" for offset in offsets]
    return offsets[1:-1] if len(offsets) > 1 and blank[0] and blank[-1] and not all(blank) else offsets
