"""ORG001: is a file as it was uploaded still what its row says it was?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from auditor.findings import Need, Problem, RuleInfo, RuleKind, Severity
from auditor.formats.stream import Exact
from auditor.protocols import ContentFacts, Depth, Query
from auditor.text import printable

CHECKSUM = RuleInfo(
    code="ORG001",
    name="original-checksum",
    severity=Severity.ERROR,
    kind=RuleKind.CONTENT,
    summary="The SHA-512 of an original differs from the one in its image's or content's row.",
    why="Every export is made again from the original; a damaged one cannot be had a second time.",
    action="Fetch the file again by hand; if it still differs, ask whoever uploaded it, and keep the exports.",
    good="content_files.original_sha512 is the file's SHA-512 in hexadecimal",
    bad="one bit flipped since the upload; another file stored under this key",
    needs=frozenset({Need.ROWS}),
)


def _query(table: str) -> Query:
    return Query(
        f"SELECT s3_files.key AS object_key, {table}.original_sha512 AS sha512\n"
        f"FROM {table}\nJOIN s3_files ON s3_files.id = {table}.original_s3_file_id\nWHERE s3_files.key IN (:keys)"
    )


class OriginalRule:
    """A `ContentRule`. An original that no such row knows is not read; its absence is another rule's matter."""

    infos: tuple[RuleInfo, ...] = (CHECKSUM,)
    contents = frozenset({"image-original", "media-original"})
    queries: Mapping[str, Query] = {"image_files": _query("image_files"), "content_files": _query("content_files")}

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]] | None:
        """Everything, or nothing: a checksum has no beginning."""
        if depth is not Depth.FULL:
            return None
        return [(0, size)] if size else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Raises ObjectUnreadable where the stream ends early."""
        expected = list(_expected(facts))
        if facts.depth is not Depth.FULL or not expected:
            return
        there = _sha512(Exact(streams[0] if streams else BytesIO(), facts.key, facts.size))
        for table, digest in expected:
            if digest.strip().lower() != there:
                shown = printable(digest[:16]) or "nothing"
                message = f"The file's SHA-512 begins with {there[:16]}; expected {shown}, as its row in {table} says."
                yield Problem(CHECKSUM.code, message, subject=table)


def _expected(facts: ContentFacts) -> Iterator[tuple[str, str]]:
    for table in OriginalRule.queries:
        for digest in {row["sha512"] for row in facts.answers.get(table) or ()}:
            if digest is not None:
                yield table, str(digest)


def _sha512(body: Exact) -> str:
    digest = hashlib.sha512()
    for piece in body.pieces(body.left):
        digest.update(piece)
    return digest.hexdigest()
