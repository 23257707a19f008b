"""The codec of `findings.csv`: findings to lines of text, and back.

Format: UTF-8, a header, one record for each finding, fields separated by commas and quoted as in RFC 4180, records
ended by a lone newline so that the last column is clean for `cut`, `join` and `comm`. A cell that begins with one of
`= + - @ ' TAB CR` gets one leading `'`, since spreadsheets run such cells as formulas; the quote itself is in the
list, so the escape can always be undone. An absent value is an empty cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from auditor.errors import CannotStart
from auditor.findings import Finding, Severity, Status
from auditor.text import isoformat

FILENAME = "findings.csv"
COLUMNS = (
    "rule",
    "name",
    "severity",
    "status",
    "bucket",
    "key",
    "family",
    "size",
    "last_modified",
    "row_uid",
    "message",
    "suggestion",
    "fingerprint",
)
PIECE = 1_000  # findings that are handed on at once

_STARTS_A_FORMULA = ("=", "+", "-", "@", "'", "\t", "\r")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def escape(cell: str) -> str:
    """
    >>> escape("=1+1"), escape("it's"), escape("'quoted")
    ("'=1+1", "it's", "''quoted")
    """
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def unescape(cell: str) -> str:
    """
    >>> unescape("'=1+1"), unescape("it's"), unescape("''quoted")
    ('=1+1', "it's", "'quoted")
    """
    return cell.removeprefix("'")


def write_findings(findings: Iterable[Finding]) -> Iterator[str]:
    """The text of the file in pieces, header first. Write them with `newline=""` and UTF-8."""
    return write_records(COLUMNS, map(cells_of, findings))


def write_records(columns: Sequence[str], records: Iterable[Iterable[str]]) -> Iterator[str]:
    """The same for other columns; the cells are escaped here."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(columns)
    for cells in records:
        writer.writerow(map(escape, cells))
        if len(lines.held) >= PIECE:
            yield lines.take()
    yield lines.take()


def read_findings(path: Path, expected: int | None = None) -> Iterator[Finding]:
    """The findings of a file, one at a time, in the order of the file.

    `expected` is how many there must be: only so can a file be caught that was cut off between two records. Raises
    CannotStart when the file cannot be read, was not written by this tool, or is not whole.
    """
    count = 0
    try:
        for finding in _read(path):
            count += 1
            yield finding
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror or error}.") from error
    if expected is not None and count != expected:
        raise CannotStart(
            f"{path} holds {count} findings where the summary says {expected}: it is cut off or from another run; "
            "take a whole run folder or scan again."
        )


class _Lines:
    """What the csv module writes to.

    Before Python 3.13 it quotes a carriage return only where that is part of the line terminator, so CRLF it is, cut
    to a newline here: the same bytes from every Python, and no bare CR outside of quotes.
    """

    def __init__(self) -> None:
        self.held: list[str] = []

    def write(self, line: str) -> None:
        self.held.append(line[:-2] + "\n")

    def take(self) -> str:
        text = "".join(self.held)
        self.held.clear()
        return text


def cells_of(finding: Finding) -> tuple[str, ...]:
    """The finding as text, in the order of COLUMNS, not escaped."""
    return (
        finding.rule,
        finding.name,
        finding.severity.value,
        finding.status.value,
        finding.bucket,
        finding.key,
        finding.family or "",
        "" if finding.size is None else str(finding.size),
        "" if finding.last_modified is None else isoformat(finding.last_modified),
        finding.row_uid or "",
        finding.message,
        finding.suggestion,
        finding.fingerprint,
    )


def _read(path: Path) -> Iterator[Finding]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            if tuple(next(reader, ())) != COLUMNS:
                raise ValueError("its first line does not name the columns")
            for record in reader:
                yield _finding([unescape(cell) for cell in record])
        except (ValueError, csv.Error) as error:
            raise CannotStart(
                f"{path}:{reader.line_num} is not a whole record of a {FILENAME} of this tool ({error}): "
                "take a whole run folder or scan again."
            ) from error


def _finding(cells: list[str]) -> Finding:
    """Raises ValueError when the cells are not those of one finding."""
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells instead of {len(COLUMNS)}")
    value = dict(zip(COLUMNS, cells, strict=True))
    if not _FINGERPRINT.fullmatch(value["fingerprint"]):
        raise ValueError("no fingerprint in the last cell")
    return Finding(
        rule=value["rule"],
        name=value["name"],
        severity=Severity(value["severity"]),
        status=Status(value["status"]),
        bucket=value["bucket"],
        key=value["key"],
        family=value["family"] or None,
        size=int(value["size"]) if value["size"] else None,
        last_modified=datetime.fromisoformat(value["last_modified"]) if value["last_modified"] else None,
        row_uid=value["row_uid"] or None,
        message=value["message"],
        suggestion=value["suggestion"],
        fingerprint=value["fingerprint"],
    )
