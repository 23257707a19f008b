"""Places in files, and how a place is shown: the way a compiler shows it, with the line and a caret."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len

from auditor.spec.quoting import visible

INDENT = "    "
_BEFORE, _WIDTH = 80, 150  # characters of a long line: before the column, and in all


class Location(NamedTuple):
    """A character of a file; `line` and `column` are 1-based and count characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{visible(self.file)}:{self.line}:{self.column}"


def pointed(at: Location, heading: str, source_line: str, notes: Iterable[str] = ()) -> str:
    """Place and heading, the source line with a caret under the column, the notes.

    >>> print(pointed(Location("keys.md", 3, 4), "`{` without `}`", "- `{a`:", ["expected a `}`"]))
    keys.md:3:4: `{` without `}`
        - `{a`:
           ^
        expected a `}`
    """
    lines = [f"{at}: {heading}"]
    if source_line:
        before, after = _window(source_line, at.column - 1)
        lines += [INDENT + _still(before + after), INDENT + _blank(before) + "^"]
    return "\n".join([*lines, *(INDENT + note for note in notes)])


def _window(line: str, column: int) -> tuple[str, str]:
    """What is shown of the line before and from the column (0-based) on: a wrapped line would part caret and place."""
    before, after = line[:column], line[column:]
    if len(before) > _BEFORE:
        before = "…" + before[-_BEFORE + 1 :]
    room = _WIDTH - len(before)
    return before, after if len(after) <= room else after[: room - 1] + "…"


def _still(line: str) -> str:
    """The line with every character that could move the cursor replaced by one that takes one cell."""
    return "".join(character if character == "\t" or character.isprintable() else "\ufffd" for character in line)


def _blank(prefix: str) -> str:
    """White space as wide as the prefix; tabs stay tabs, since only the terminal knows their width."""
    return "".join("\t" if character == "\t" else " " * cell_len(character) for character in _still(prefix))
