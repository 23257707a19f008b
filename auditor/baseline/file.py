"""A baseline file: read with all its faults at once, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from auditor.baseline.entries import Entry, Group, from_line, to_line
from auditor.errors import CannotStart

_SHOWN = 20  # faults
_MODE = 0o644


def read_entries(path: Path) -> Iterator[Entry]:
    """The entries in the order of the file. Raises CannotStart, at the end, with a note for every line that is none."""
    faults: list[str] = []
    seen: set[bytes | tuple[str, str]] = set()
    for number, line in _lines(path):
        try:
            entry = from_line(line)
            _once(entry, seen)
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
        else:
            yield entry
    if faults:
        refused = CannotStart(f"the baseline {path} cannot be used: repair {len(faults):,} lines")
        for fault in faults[:_SHOWN]:
            refused.add_note(fault)
        if len(faults) > _SHOWN:
            refused.add_note(f"and {len(faults) - _SHOWN:,} more")
        raise refused


def write_entries(entries: Iterable[Entry], path: Path) -> None:
    """The entries must come sorted. What was there before stays until all is written, and so does its mode."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else _MODE
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
                file.writelines(map(to_line, entries))
                os.fchmod(file.fileno(), mode)
            Path(name).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise CannotStart(f"{path} cannot be written ({error.strerror}): name another file") from error


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except OSError as error:
        message = f"the baseline {path} cannot be read ({error.strerror}): name another file, or make it with"
        raise CannotStart(f"{message} `auditor baseline create`") from error


def _once(entry: Entry, seen: set[bytes | tuple[str, str]]) -> None:
    name = (entry.rule, entry.glob) if isinstance(entry, Group) else bytes.fromhex(entry.fingerprint)
    if name in seen:
        raise ValueError(
            "the same glob of the same rule is there twice"
            if isinstance(entry, Group)
            else "the same fingerprint is there twice"
        )
    seen.add(name)
