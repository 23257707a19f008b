"""The Markdown side: list items that begin a key template, with the place of every character of it.

A template is the first code span of a list item, directly before a colon. markdown-it-py finds items, code spans and
links; it gives places only for blocks, so a code span's characters are traced back to the document line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.spec.faults import SpecificationError, Text
from auditor.spec.template import Place

_TABLE = re.compile(r"(?:^|/)db/([A-Za-z_][A-Za-z0-9_]*)\.md(?:[?#].*)?\Z", re.DOTALL)
_DEEPEST = 40  # nesting that the reader follows; its own default, 20, is ten lists and drops the rest unsaid


@dataclass(frozen=True)
class Item:
    """One list item with a template. `places` has one place for each character of `text` and one for its end."""

    text: str
    places: tuple[Place, ...]
    tables: tuple[str, ...]
    note: str | None


@dataclass
class _OpenItem:
    inlines: list[Token] = field(default_factory=list)


def read_items(document: Text) -> tuple[Item, ...]:
    """The items that have a template, in the order of the document."""
    found = (_item(opened.inlines, document) for opened in _list_items(document))
    return tuple(item for item in found if item is not None)


def _list_items(document: Text) -> list[_OpenItem]:
    reader = MarkdownIt("commonmark", {"maxNesting": _DEEPEST})
    try:
        tokens = reader.parse("\n".join(document.lines))
    except RecursionError:
        raise SpecificationError([document.fault(1, 1, "nested too deeply", "simple lists")]) from None
    items: list[_OpenItem] = []
    stack: list[_OpenItem] = []
    for token in tokens:
        if token.type == "list_item_open":
            items.append(_OpenItem())
            stack.append(items[-1])
        elif token.type == "list_item_close":
            stack.pop()
        elif token.type == "inline" and stack:
            stack[-1].inlines.append(token)
    return items


def _item(inlines: Sequence[Token], document: Text) -> Item | None:
    for inline in inlines:
        children = inline.children or []
        for index, child in enumerate(children):
            if child.type == "code_inline":
                if not _colon_follows(children[index + 1 :]):
                    return None
                text, places = _traced(child, inline, document)
                return Item(text, places, _tables(inlines), _note(inlines))
    return None


def _colon_follows(children: Iterable[Token]) -> bool:
    for child in children:
        if not child.type.endswith("_close"):  # the span may stand in bold
            return child.type == "text" and child.content.startswith(":")
    return False


def _tables(inlines: Iterable[Token]) -> tuple[str, ...]:
    links = (
        str(child.attrGet("href")) for inline in inlines for child in inline.children or [] if child.type == "link_open"
    )
    found = (_TABLE.search(link) for link in links)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _note(inlines: Iterable[Token]) -> str | None:
    for inline in inlines:
        _, marker, note = _plain(inline.children or []).partition("NOTE:")
        if marker and note.strip():
            return " ".join(note.split())
    return None


def _plain(children: Iterable[Token]) -> str:
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in children)


def _traced(span: Token, inline: Token, document: Text) -> tuple[str, tuple[Place, ...]]:
    """A code span's text and the place of each of its characters, found again in the inline's own source."""
    content = inline.content
    fence = re.escape(span.markup)
    runs = [match.start() for match in re.finditer(rf"(?<!`){fence}(?!`)", content)]
    for opening, closing in pairwise(runs):
        start = opening + len(span.markup)
        if _unwrapped(content[start:closing].replace("\n", " ")) == span.content:
            offsets = _kept(content, start, closing)
            text = "".join(" " if content[offset] == "\n" else content[offset] for offset in offsets)
            line_starts = _line_starts(inline, document)
            return text, tuple(_place(content, offset, line_starts) for offset in [*offsets, closing])
    line = inline.map[0] + 1 if inline.map else 1
    return span.content, ((line, 1),) * (len(span.content) + 1)


def _unwrapped(text: str) -> str:
    """CommonMark: one blank at either end is no part of a code span that has anything else."""
    return text[1:-1] if text.startswith(" ") and text.endswith(" ") and text.strip(" ") else text


def _kept(content: str, start: int, end: int) -> list[int]:
    """The offsets of a code span's characters; a line end stands for a blank, the next line's indent for nothing."""
    offsets = [offset for offset in range(start, end) if not _is_indent(content, start, offset)]
    blank = [content[offset] in " \n" for offset in offsets]
    if len(offsets) > 1 and blank[0] and blank[-1] and not all(blank):
        return offsets[1:-1]
    return offsets


def _is_indent(content: str, start: int, offset: int) -> bool:
    line_start = content.rfind("\n", start, offset)
    return line_start != -1 and not content[line_start + 1 : offset + 1].strip(" \t")


def _line_starts(inline: Token, document: Text) -> list[Place]:
    """For each line of the inline's content the place of its first character: what is cut off is always a prefix."""
    first = inline.map[0] if inline.map else 0
    starts = []
    for number, line in enumerate(inline.content.split("\n"), first):
        source = document.lines[number] if number < len(document.lines) else ""
        at = source.rfind(line.strip()) - (len(line) - len(line.lstrip()))
        starts.append((number + 1, at + 1))
    return starts


def _place(content: str, offset: int, line_starts: Sequence[Place]) -> Place:
    row = content.count("\n", 0, offset)
    line, column = line_starts[row]
    return line, max(1, column + offset - (content.rfind("\n", 0, offset) + 1))
