"""What is wrong in a document or a bindings file, with the place, said the way a compiler says it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from auditor.spec.quoting import visible

_BOM = "\ufeff"


@dataclass(frozen=True)
class Source:
    """A file as it was found: `name` is for people, `data` its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. `line` and `column` are 1-based and count characters; `expected` completes "expected …"."""

    file: str
    line: int
    column: int
    message: str
    expected: str
    source_line: str

    def render(self) -> str:
        """Place and message, the source line, a caret under the column, what was expected.

        >>> print(Fault("keys.md", 3, 4, "`{` without `}`", "a `}`", "- `{a`:").render())
        keys.md:3:4: `{` without `}`
            - `{a`:
               ^
            expected a `}`
        """
        indent = "    "
        lines = [f"{visible(self.file)}:{self.line}:{self.column}: {self.message}"]
        if self.source_line:
            lines.append(indent + _still(self.source_line))
            lines.append(indent + _blank(self.source_line[: self.column - 1]) + "^")
        return "\n".join([*lines, f"{indent}expected {self.expected}"])


class SpecificationError(Exception):
    """The document or the bindings cannot be understood; `faults` holds every reason, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.render() for fault in self.faults))

    def __reduce__(self) -> tuple[type[SpecificationError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


@dataclass(frozen=True)
class Text:
    """A decoded source: no byte order mark, and its lines without their ends."""

    name: str
    text: str
    lines: tuple[str, ...]

    def fault(self, line: int, column: int, message: str, expected: str) -> Fault:
        source_line = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Fault(self.name, line, column, message, expected, source_line)


def decode(source: Source) -> Text:
    """Raises SpecificationError at the first byte that is not UTF-8."""
    try:
        text = source.data.decode()
    except UnicodeDecodeError as error:
        raise SpecificationError([_not_utf8(source, error.start)]) from None
    text = text.removeprefix(_BOM)
    return Text(source.name, text, _lines(text))


def _lines(text: str) -> tuple[str, ...]:
    # The line ends of CommonMark; str.splitlines knows many more, and would count lines that no editor counts.
    return tuple(re.split(r"\r\n|\n|\r", text))


def _not_utf8(source: Source, start: int) -> Fault:
    before = _lines(source.data[:start].decode().removeprefix(_BOM))
    lines = _lines(source.data.decode(errors="replace").removeprefix(_BOM))
    line, column = len(before), len(before[-1]) + 1
    message = f"byte 0x{source.data[start]:02x} is not UTF-8"
    return Fault(source.name, line, column, message, "a text file in UTF-8", lines[line - 1])


def _still(line: str) -> str:
    """The line with every character that could move the cursor replaced by one that takes one cell."""
    return "".join(character if character == "\t" or character.isprintable() else "\ufffd" for character in line)


def _blank(prefix: str) -> str:
    """White space as wide as the prefix; tabs stay tabs, since only the terminal knows their width."""
    return "".join("\t" if character == "\t" else " " * cell_len(character) for character in _still(prefix))
