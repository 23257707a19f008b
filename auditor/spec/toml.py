"""TOML with places: `tomllib` reads the values, a walk over the same text finds where keys and values stand."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from auditor.spec.faults import Fault, FaultCode, SpecificationError, Text
from auditor.spec.location import Location

Path = tuple[str, ...]  # keys from the top; elements of arrays by their number

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<line_end>\n)
    |(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<mark>[\[\]{}=,.])
    |(?P<bare>[^\s\[\]{}=,.\#"']+)""",
    re.VERBOSE | re.DOTALL,
)
_POSITION = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)\Z")


@dataclass(frozen=True)
class Toml:
    """What a TOML file says, and where."""

    source: Text
    values: dict[str, Any]
    keys: dict[Path, int]  # offset of the key
    contents: dict[Path, int]  # offset of the value

    def location(self, path: Path) -> Location:
        """Where a key stands; the beginning of the file for one that does not."""
        return self._location(self.keys.get(path, 0))

    def fault(
        self,
        path: Path,
        message: str,
        expected: str,
        code: FaultCode = FaultCode.UNREADABLE,
        *,
        at_value: bool = False,
        within: int = 0,
    ) -> Fault:
        """A fault about a key or, `within` characters behind its opening quote, about its value."""
        offset = self.contents.get(path) if at_value else None
        if offset is None:
            offset = self.keys.get(path, 0)
        elif self._verbatim(offset):
            offset += 1 + within
        _, line, column = self._location(offset)
        return self.source.fault(line, column, message, expected, code)

    def _location(self, offset: int) -> Location:
        line = bisect_right(self._line_starts, offset)
        return Location(self.source.name, line, offset - self._line_starts[line - 1] + 1)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.source.text))]

    def _verbatim(self, offset: int) -> bool:
        # Behind an escape the characters of the file and of the value no longer count alike.
        match = _TOKEN.match(self.source.text, offset)
        text = match["string"] if match else None
        return text is not None and "\\" not in text and not text.startswith(('"""', "'''"))


def read_toml(source: Text) -> Toml:
    """Raises SpecificationError at the place where the text stops being TOML."""
    try:
        values = tomllib.loads(source.text)
    except RecursionError:
        raise SpecificationError([source.fault(1, 1, "nested too deeply", "tables and arrays as documented")]) from None
    except ValueError as error:  # the parser's own error, and integers that Python refuses to convert
        raise SpecificationError([_syntax_fault(source, str(error))]) from None
    walk = _Walk(source.text)
    return Toml(source, values, walk.keys, walk.contents)


def _syntax_fault(source: Text, error: str) -> Fault:
    position = _POSITION.search(error)
    message = error[: position.start()].strip() if position else error
    end = source.text.count("\n") + 1, len(source.text) - source.text.rfind("\n")
    line, column = end if position else (1, 1)
    if position and position[1]:
        line, column = int(position[1]), int(position[2])
    return source.fault(line, column, f"not TOML: {message[:1].lower()}{message[1:]}", "valid TOML")


class _Walk:
    """One pass over text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self.keys: dict[Path, int] = {}
        self.contents: dict[Path, int] = {}
        self._tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup != "blank"]
        self._next = 0
        table: Path = ()
        while self._next < len(self._tokens):
            match self._look():
                case "\n":
                    self._next += 1
                case "[":
                    table = self._header()
                case _:
                    self._pair(table)

    def _look(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _header(self) -> Path:
        while self._look() == "[":
            self._next += 1
        table = self._dotted(())
        while self._look() == "]":
            self._next += 1
        return table

    def _pair(self, table: Path) -> None:
        path = self._dotted(table)
        self._next += 1  # the equals sign
        self._value(path)

    def _dotted(self, path: Path) -> Path:
        while True:
            token = self._tokens[self._next]
            path = (*path, _key(token[0]))
            self.keys.setdefault(path, token.start())
            self._next += 1
            if self._look() != ".":
                return path
            self._next += 1

    def _value(self, path: Path) -> None:
        self.contents[path] = self._tokens[self._next].start()
        match self._look():
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                while self._look() not in {"", "\n", ",", "]", "}"}:
                    self._next += 1

    def _array(self, path: Path) -> None:
        self._next += 1
        number = 0
        while self._look() != "]":
            if self._look() in {"\n", ","}:
                self._next += 1
                continue
            self.keys[(*path, str(number))] = self._tokens[self._next].start()
            self._value((*path, str(number)))
            number += 1
        self._next += 1

    def _inline_table(self, path: Path) -> None:
        self._next += 1
        while self._look() != "}":
            if self._look() in {"\n", ","}:
                self._next += 1
            else:
                self._pair(path)
        self._next += 1


def _key(token: str) -> str:
    if token.startswith(('"', "'")):
        (name,) = tomllib.loads(f"{token} = 0")
        return name
    return token
