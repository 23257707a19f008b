"""Text that Markdown does not obey, and a sheet of so many characters (GitHub Flavored Markdown, CommonMark 0.31)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.text import printable
from reports import words

LONGEST = 200  # of one code span; keys differ at both ends
_RESERVE = 200  # for the sentence about what is left out
_MARKS = re.compile(r"([\\`*_\[\]<>~&|$#])")


def code(text: str, *, cell: bool = False) -> str:
    """A code span: no links, no markup, no mention of anybody (CommonMark 6.1; GitHub looks for @ outside of code).

    In a `cell` of a table a bar ends the cell even inside of a code span (GFM 4.10), so it is written as an escape.

    >>> code("a`b"), code("`"), code("a|b", cell=True)
    ('``a`b``', '`` ` ``', '`a\\\\x7cb`')
    """
    shown = words.shorten(printable(text), LONGEST) or " "
    if cell:
        shown = shown.replace("|", r"\x7c")
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def plain(text: str) -> str:
    """Our own words, with the marks of Markdown as characters. An `@` gets a code span, so that it calls nobody.

    >>> plain("a_b* <i>"), plain("ask @team")
    ('a\\\\_b\\\\* \\\\<i\\\\>', 'ask `@`team')
    """
    return _MARKS.sub(r"\\\1", printable(text)).replace("@", "`@`")


def row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


class Sheet:
    """Sections of lines, as many as fit; a section whose head no longer fits is left out and counted."""

    def __init__(self, most: int) -> None:
        self._room = most - _RESERVE
        self._lines: list[str] = []
        self._left_out = 0

    def add(self, head: Sequence[str], lines: Sequence[str]) -> None:
        """All lines of a section up to the first that does not fit."""
        for place, line in enumerate(lines):
            wanted = [*head, line] if place == 0 else [line]
            size = sum(len(text) + 1 for text in wanted)
            if size > self._room:
                self._left_out += len(lines) - place
                return
            self._lines += wanted
            self._room -= size

    def text(self) -> Iterator[str]:
        yield from (f"{line}\n" for line in self._lines)
        if self._left_out:
            lines = words.counted(self._left_out, "line")
            yield f"\n{lines} did not fit into this summary. The run folder has all: findings.csv and summary.json.\n"
