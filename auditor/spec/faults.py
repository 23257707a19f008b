"""What is wrong in a document or a bindings file, or only odd, with the place, said the way a compiler says it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from auditor.spec.location import Location, pointed

_BOM = "\ufeff"


class FaultCode(StrEnum):
    """The rule that a fault breaks."""

    DUPLICATE = "DOC002"
    MISNAMED = "DOC003"  # bindings name what does not exist
    UNREADABLE = "DOC007"  # everything else that stops the compiler

    @property
    def rule(self) -> str:
        """The rule's name.

        >>> FaultCode.MISNAMED.rule
        'unknown-field-kind'
        """
        return _RULES[self]


_RULES = {
    FaultCode.DUPLICATE: "duplicate-template",
    FaultCode.MISNAMED: "unknown-field-kind",
    FaultCode.UNREADABLE: "unreadable-document",
}


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
    code: FaultCode = FaultCode.UNREADABLE

    @property
    def location(self) -> Location:
        return Location(self.file, self.line, self.column)

    def render(self) -> str:
        """Place, rule and message, the source line, a caret under the column, what was expected.

        >>> print(Fault("keys.md", 3, 4, "`{` without `}`", "a `}`", "- `{a`:").render())
        keys.md:3:4: DOC007 unreadable-document: `{` without `}`
            - `{a`:
               ^
            expected a `}`
        """
        return self._pointed(f"{self.code} {self.code.rule}: {self.message}")

    def render_plain(self) -> str:
        """The same without the rule: for a file that no rule is about."""
        return self._pointed(self.message)

    def _pointed(self, heading: str) -> str:
        return pointed(self.location, heading, self.source_line, [f"expected {self.expected}"])


class SpecificationError(Exception):
    """The document or the bindings cannot be understood; `faults` holds every reason, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.render() for fault in self.faults))

    def __reduce__(self) -> tuple[type[SpecificationError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


@dataclass(frozen=True, order=True)
class Remark:
    """Something odd in the document that stops nobody: it is understood, or passed over, as the message says.

    `line` and `column` as of a fault; `expected` says what would not have been remarked on.
    """

    line: int
    column: int
    message: str
    expected: str
    source_line: str


@dataclass(frozen=True)
class Text:
    """A decoded source: no byte order mark, and its lines without their ends."""

    name: str
    text: str
    lines: tuple[str, ...]

    def fault(
        self, line: int, column: int, message: str, expected: str, code: FaultCode = FaultCode.UNREADABLE
    ) -> Fault:
        return Fault(self.name, line, column, message, expected, self.line(line), code)

    def remark(self, line: int, column: int, message: str, expected: str) -> Remark:
        return Remark(line, column, message, expected, self.line(line))

    def line(self, number: int) -> str:
        """A line by its 1-based number; empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


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
