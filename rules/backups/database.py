"""BAK001: is a backup of the database a SQLite file that SQLite itself finds in order?

The format: the key specification's entry ("the same format as the sqlite binary backup").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from auditor.errors import ObjectUnreadable
from auditor.findings import Problem, RuleInfo
from auditor.formats.private_copy import private_copy
from auditor.formats.sqlite_check import Damaged, Unchecked, examine
from auditor.formats.sqlite_header import HEADER_BYTES, header_fault
from auditor.formats.stream import Exact
from auditor.protocols import ContentFacts, Depth, Query
from auditor.text import printable
from rules.backups.infos import DATABASE

_LONGEST = 300  # characters of what SQLite says; it may quote names of the schema


class DatabaseBackupRule:
    """A `ContentRule`. The subject is what was wrong: header (with the length) or integrity (with the tables)."""

    infos: tuple[RuleInfo, ...] = (DATABASE,)
    contents = frozenset({"database-backup"})
    queries: Mapping[str, Query] = {}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """The header, which knows the length, or everything. Nothing of an empty object, which has no byte range."""
        length = size if depth is Depth.FULL else min(size, HEADER_BYTES)
        return [(0, length)] if length else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Raises ObjectUnreadable where the stream ends early, or SQLite comes to no verdict within its limits."""
        body = Exact(streams[0] if streams else BytesIO(), facts.key, facts.size)
        head = body.read(min(facts.size, HEADER_BYTES))
        if fault := header_fault(head, facts.size):
            yield _problem(fault, "header")
        elif facts.depth is Depth.FULL and (fault := _integrity_fault(head, body, facts)):
            yield _problem(fault, "integrity")


def _integrity_fault(head: bytes, body: Exact, facts: ContentFacts) -> str | None:
    tables = facts.family.expected_tables if facts.family else ()
    with private_copy(facts.key, head, body) as path:
        try:
            examine(path, tables)
        except Damaged as damage:
            return str(damage)
        except Unchecked as error:
            raise ObjectUnreadable(facts.key, printable(str(error)), refused=True) from error
    return None


def _problem(fault: str, subject: str) -> Problem:
    shown = printable(fault)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return Problem(DATABASE.code, f"The backup {shown}.", subject=subject)
