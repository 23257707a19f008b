"""What looks like a template and is none, and why; for a document without any template, what comes nearest to one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from auditor.spec.faults import Fault, Remark, Text
from auditor.spec.inline import BRACKETED, Inline, Place
from auditor.spec.placeholders import foreign
from auditor.spec.quoting import quoted

_EXPECTED = "a list item that begins with a template and a colon, such as - `folder/{field}`: what it is"
_COLON = "a colon directly after the code span"
_DASHES = tuple("-\u2010\u2011\u2012\u2013\u2014\u2212")
_SHOWN = 16  # characters of the text that stands where the colon should
_INSTEAD = {
    "softbreak": "a line end",
    "hardbreak": "a line end",
    "code_inline": "another code span",
    "link_open": "a link",
    BRACKETED: "a bracket",
}
_WORD = re.compile(r"[^\s|`]+")
_TRIMMED = ":,;.()[]*'"


@dataclass(frozen=True)
class Miss:
    """`why` follows the text in a sentence; the place is where the expected is missing."""

    text: str
    why: str
    place: Place
    expected: str

    def remark(self, document: Text) -> Remark:
        message = f"{quoted(self.text)} {self.why}, so it is not read as a template"
        return document.remark(*self.place, message, f"{self.expected}, if it is one")

    def fault(self, document: Text) -> Fault:
        message = f"this document has no key template; the nearest to one, {quoted(self.text)}, {self.why}"
        return document.fault(*self.place, message, self.expected)


def without_colon(inline: Inline, span: Token, after: Sequence[Token]) -> Miss | None:
    """The first code span of a list item, if it looks like a template; `after` is what follows it instead."""
    text, _ = inline.span(span)
    if not _looks_like_a_template(text):
        return None
    why = "has the colon inside of the code span" if text.endswith(":") else f"is followed by {_instead(after)}"
    return Miss(text, why, inline.place(span.meta["end"]), _COLON)


def no_template(tokens: Iterable[Token], misses: Sequence[Miss], document: Text) -> Fault:
    """A text with a placeholder comes before one without, and a code span of a list item before everything else."""
    found = [*misses, *_elsewhere(tokens, document)]
    if not found:
        return document.fault(1, 1, "this document has no key template", _EXPECTED)
    return min(found, key=lambda miss: not _has_placeholder(miss.text)).fault(document)


def _looks_like_a_template(span: str) -> bool:
    return "/" in span or "{" in span


def _has_placeholder(text: str) -> bool:
    """A field, or in a path a placeholder of another syntax. JSON has braces, too, and addresses have slashes."""
    if '"' in text or "://" in text:
        return False
    opening = text.find("{")
    return (opening != -1 and text.find("}", opening + 2) != -1) or ("/" in text and any(foreign(text)))


def _instead(after: Sequence[Token]) -> str:
    if not after:
        return "the end of the paragraph"
    if after[0].type != "text":
        return _INSTEAD.get(after[0].type, "something else")
    text = after[0].content.strip()
    if text.startswith(":"):
        return "a blank and a colon"
    if text.startswith(_DASHES):
        return "a dash"
    return f"the text {quoted(text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + '…')}" if text else "a blank"


def _elsewhere(tokens: Iterable[Token], document: Text) -> Iterator[Miss]:
    """Templates that stand where none is looked for: the first of each block."""
    heading, lists = False, 0
    for token in tokens:
        heading = token.type == "heading_open" or (heading and token.type != "heading_close")
        lists += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        match token.type:
            case "fence" | "code_block":
                yield from _in_lines(token, "a code block", document)
            case "html_block":
                yield from _in_lines(token, "HTML", document)
            case "inline" if lists:
                if not any(child.type == "code_inline" for child in token.children or []):
                    yield from _in_lines(token, "a list item, but in no code span", document)
            case "inline":
                yield from _in_prose(token, "a heading" if heading else None, document)


def _in_prose(token: Token, where: str | None, document: Text) -> Iterator[Miss]:
    inline = Inline(token, document)
    for child in inline.children:
        if child.type == "code_inline" and _looks_like_a_template(child.content):
            text, places = inline.span(child)
            yield _stands(text, where or _table_or_paragraph(document.line(places[0][0])), places[0])
            return
    yield from _in_lines(token, where, document)


def _in_lines(token: Token, where: str | None, document: Text) -> Iterator[Miss]:
    """The first word that has a placeholder."""
    first, end = token.map or (0, 0)
    for number in range(first + 1, end + 1):
        line = document.line(number)
        for match in _WORD.finditer(line):
            word = match[0].strip(_TRIMMED)
            if _has_placeholder(word):
                yield _stands(word, where or _table_or_paragraph(line), (number, line.index(word, match.start()) + 1))
                return


def _table_or_paragraph(line: str) -> str:
    # A table is an extension of Markdown, and plain text to the reader.
    return "a table" if line.count("|") > 1 else "a paragraph"


def _stands(text: str, where: str, place: Place) -> Miss:
    return Miss(text, f"stands in {where}", place, _EXPECTED)
