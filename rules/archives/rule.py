"""The rule as the engine sees it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from auditor.findings import Problem, RuleInfo, RuleKind, Severity
from auditor.formats.stream import Exact
from auditor.protocols import ContentFacts, Depth, Query
from auditor.text import printable
from rules.archives.directory import BadArchive, Member, read_directory
from rules.archives.members import check_members

TAIL = 8192  # bytes; the directory of a course of sixty classes
HEAD = 4

UNREADABLE = RuleInfo(
    code="ZIP001",
    name="course-export-unreadable",
    severity=Severity.ERROR,
    kind=RuleKind.CONTENT,
    summary="A course export is no zip archive that can be unpacked, or its SHA-512 is not the one in its row.",
    why="Whoever bought the course gets this file; a player that cannot unpack it shows nothing.",
    action="Export the course again and let the service use the new file.",
    good="a central directory at the end, members one after the other, and every CRC-32 right",
    bad="a file that ends early; a member whose bytes were changed; a few kilobytes that unpack to terabytes",
)

_QUERY = Query(
    "SELECT s3_files.key AS object_key, course_exports.output_sha512 AS sha512\n"
    "FROM course_exports\nJOIN s3_files ON s3_files.id = course_exports.s3_file_id\nWHERE s3_files.key IN (:keys)"
)


class CourseExportRule:
    """A `ContentRule`. Subjects are directory, members and sha512."""

    infos: tuple[RuleInfo, ...] = (UNREADABLE,)
    contents = frozenset({"course-export"})
    queries: Mapping[str, Query] = {"course_exports": _QUERY}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """The end, where the directory is; then the first bytes, or everything. Nothing of an empty object."""
        if not size:
            return []
        tail = min(size, TAIL)
        return [(size - tail, tail), (0, size if depth is Depth.FULL else min(size, HEAD))]

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Raises ObjectUnreadable where a stream ends early."""
        if not facts.size:
            yield _problem("The archive is empty; expected the classes of a course", "directory")
            return
        (_, tail), (_, length) = self.plan(facts.size, facts.depth)
        end = Exact(streams[0], facts.key, tail).read(tail)
        body = Exact(streams[1], facts.key, length)
        members: list[Member] = []
        try:
            members = read_directory(facts.size, end, facts.fetch)
        except BadArchive as error:
            yield _problem(f"The archive {error}", "directory")
        if facts.depth is Depth.FULL:
            yield from _read_whole(members, body, facts)
        elif members and body.read(length) != b"PK\x03\x04":
            yield _problem("The archive does not begin with a file; expected the first one at byte 0", "directory")


def _read_whole(members: Sequence[Member], body: Exact, facts: ContentFacts) -> Iterator[Problem]:
    digest = hashlib.sha512()
    faults = list(check_members(members, body, digest.update))
    if faults:
        more = f" ({len(faults) - 1:,} more members are damaged)" if len(faults) > 1 else ""
        yield _problem(f"The archive {faults[0]}{more}", "members")
    there = digest.hexdigest()
    for row in facts.answers.get("course_exports") or ():
        if row["sha512"] is not None and str(row["sha512"]).strip().lower() != there:
            shown = printable(str(row["sha512"])[:16])
            message = f"The archive's SHA-512 begins with {there[:16]}; expected {shown}, as its row says"
            yield _problem(message, "sha512")


def _problem(message: str, subject: str) -> Problem:
    return Problem(UNREADABLE.code, f"{message}.", subject=subject)
