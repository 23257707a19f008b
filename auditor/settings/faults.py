"""What is wrong in a settings file, shown without what must not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from auditor.errors import CannotStart
from auditor.spec import Fault

_CUT = "…"
_HEADER = re.compile(r"""\s*\[+[^\]"'=]*\]+""")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=\s?""")
_TOKEN = re.compile(r"""["'][^"']*["']|[^\s,\[\]{}#]+|.""")
_TABLE_OR_KEY = re.compile(rf"{_HEADER.pattern}|{_KEY.pattern}")


class SettingsError(CannotStart):
    """The settings cannot be used; `faults` holds every reason, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(fault.render_plain() for fault in self.faults))


def about_syntax(fault: Fault) -> Fault:
    """Where the text stops being TOML nobody knows which value is a secret: the key is shown, and no value."""
    shown = _TABLE_OR_KEY.match(fault.source_line)
    kept = shown[0] if shown else ""
    hidden = fault.source_line[len(kept) :].strip()
    if len(kept) < fault.column - 1 or hidden:
        kept = kept.ljust(fault.column - 1) + _CUT
    return replace(fault, source_line=kept)


def about_key(fault: Fault) -> Fault:
    """The table's or setting's name, and no value of the line: that of a misspelt setting may be a secret."""
    line, at = fault.source_line, fault.column - 1
    header = _HEADER.match(line)
    if header and at < header.end():
        return replace(fault, source_line=header[0])
    return replace(fault, source_line=_between(line, at, _end(_KEY, line, at)))


def about_value(fault: Fault, key_column: int | None) -> Fault:
    """The setting with its value, and nothing else of the line. Not for secrets: of those, only the key is shown.

    `key_column` is that of the setting's name, if it stands on the same line.
    """
    line, at = fault.source_line, fault.column - 1
    start = at if key_column is None else key_column - 1
    value = at - (at > 0 and line[at - 1] in "\"'")  # the column may point behind the quote
    return replace(fault, source_line=_between(line, min(start, value), _end(_TOKEN, line, value)))


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    match = pattern.match(line, at)
    return match.end() if match else at


def _between(line: str, start: int, stop: int) -> str:
    """That piece, in its column."""
    blank = "".join(character if character == "\t" else " " for character in line[:start])
    return blank + line[start:stop] + (_CUT if line[stop:].strip() else "")
