"""The Markdown side: list items that begin a key template, and list items that nearly do.

A template is the first code span of a list item, directly before a colon. markdown-it-py finds items, code spans and
links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from auditor.spec.faults import Remark, SpecificationError, Text
from auditor.spec.inline import BRACKETED, Inline, Place, parse
from auditor.spec.nearmiss import Miss, no_template, without_colon
from auditor.spec.quoting import quoted

_TABLE = re.compile(r"(?:^|/)db/([A-Za-z_][A-Za-z0-9_]*)\.md(?:[?#].*)?\Z", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One list item with a template. `places` has one place for each character of `text` and one for its end."""

    text: str
    places: tuple[Place, ...]
    tables: tuple[str, ...]
    note: str | None


def read_markdown(document: Text) -> tuple[list[Item], list[Remark]]:
    """The items that have a template, at least one, and what is odd about items with or without one.

    Raises SpecificationError when there is no such item, or when lists are nested too deeply.
    """
    tokens = parse(document)
    items: list[Item] = []
    misses: list[Miss] = []
    remarks: list[Remark] = []
    for inlines in _list_items(tokens, document):
        match _item(inlines):
            case Item() as item:
                items.append(item)
                remarks += _bracketed(inlines, document)
            case Miss() as miss:
                misses.append(miss)
    if not items:
        raise SpecificationError([no_template(tokens, misses, document)])
    return items, remarks + [miss.remark(document) for miss in misses]


def _list_items(tokens: Iterable[Token], document: Text) -> list[list[Inline]]:
    items: list[list[Inline]] = []
    stack: list[list[Inline]] = []
    for token in tokens:
        if token.type == "list_item_open":
            items.append([])
            stack.append(items[-1])
        elif token.type == "list_item_close":
            stack.pop()
        elif token.type == "inline" and stack:
            stack[-1].append(Inline(token, document))
    return items


def _item(inlines: Sequence[Inline]) -> Item | Miss | None:
    for inline in inlines:
        for index, child in enumerate(inline.children):
            if child.type == "code_inline":
                # The span may stand in bold.
                after = [token for token in inline.children[index + 1 :] if not token.type.endswith("_close")]
                if after and after[0].type == "text" and after[0].content.startswith(":"):
                    return Item(*inline.span(child), _tables(inlines), _note(inlines))
                return without_colon(inline, child, after)
    return None


def _bracketed(inlines: Iterable[Inline], document: Text) -> Iterator[Remark]:
    for inline in inlines:
        for child in inline.children:
            if child.type == BRACKETED:
                path, table = child.content, child.meta["table"]
                message = f"{quoted(path)} is no link; it is understood as naming the table {quoted(table)}"
                yield document.remark(*inline.place(child.meta["start"]), message, quoted(f"[{table}]({path[1:-1]})"))


def _tables(inlines: Iterable[Inline]) -> tuple[str, ...]:
    """In the order of the text."""
    return tuple(dict.fromkeys(table for inline in inlines for child in inline.children for table in _named(child)))


def _named(child: Token) -> Iterator[str]:
    if child.type == BRACKETED:
        yield child.meta["table"]
    if child.type == "link_open" and (match := _TABLE.search(str(child.attrGet("href")))):
        yield match[1]


def _note(inlines: Iterable[Inline]) -> str | None:
    for inline in inlines:
        _, marker, note = _plain(inline.children).partition("NOTE:")
        if marker and note.strip():
            return " ".join(note.split())
    return None


def _plain(children: Iterable[Token]) -> str:
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in children)
