"""Whether a downloaded file is a whole SQLite database."""

from __future__ import annotations

from pathlib import Path

from auditor.formats.sqlite_check import Damaged, Unchecked, examine
from auditor.formats.sqlite_header import HEADER_BYTES, header_fault
from auditor.text import printable


class Unsound(Exception):
    """A backup that cannot be used; the message says why, without the backup's name."""


def check_header(path: Path) -> None:
    """Raises Unsound unless the file begins like a database and is as long as its header says."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if fault := header_fault(head, path.stat().st_size):
        raise Unsound(f"it {fault}")


def quick_check(path: Path) -> None:
    """Raises Unsound with SQLite's first complaint."""
    try:
        examine(path, thorough=False)
    except Damaged as error:
        raise Unsound(f"it {printable(str(error))}") from error
    except Unchecked as error:
        raise Unsound(printable(str(error))) from error
