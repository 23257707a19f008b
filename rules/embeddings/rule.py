"""The rule as the engine sees it, and the order in which one file is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, BinaryIO

from auditor.findings import Evidence, Problem, RuleInfo
from auditor.protocols import ContentFacts, Depth, Query
from auditor.text import printable
from rules.embeddings import layout
from rules.embeddings.infos import INFOS
from rules.embeddings.known import QUERIES, Known, known
from rules.embeddings.layout import Layout
from rules.embeddings.ledger import Ledger
from rules.embeddings.records import Records
from rules.embeddings.stream import CHUNK, Reader


class EmbeddingRules:
    """A `ContentRule`. Subjects are the uid of a record or an item, and where there is none a name for the place."""

    infos: tuple[RuleInfo, ...] = INFOS
    contents = frozenset({"journey-embeddings"})
    queries: Mapping[str, Query] = QUERIES

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """All of it, at any depth: the files are few and small. Nothing of an empty object, which has no byte range."""
        return [(0, size)] if size else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Problems by code, then in the order of the file; none before the last byte was read.

        Raises ObjectUnreadable where the stream has fewer than `facts.size` bytes, and lets pass what it raises.
        """
        stream = streams[0] if streams else BytesIO()
        yield from _File(stream, facts).audit()


class _File:
    def __init__(self, stream: BinaryIO, facts: ContentFacts) -> None:
        self._size = facts.size
        self._known: Known = known(facts)
        self._reader = Reader(stream, facts.key, facts.size)
        self._ledger = Ledger()

    def audit(self) -> Iterator[Problem]:
        chosen, readable = self._layout()
        records = Records(chosen, self._known, self._ledger)
        self._read(chosen, records if readable else None)
        self._length(chosen, records.repeated)
        if readable:
            records.offsets.finish(records.count, length_accused=self._ledger.has("EMB001"))
        return self._ledger.problems()

    def _layout(self) -> tuple[Layout, bool]:
        """The layout to read by, and whether there is any sense in looking at single records."""
        row = self._known.row
        by_row = row and layout.stated(row["journey_uid_byte_length"], row["embedding_byte_length"])
        expected = by_row or layout.USUAL
        head = self._reader.peek(CHUNK)
        positions = layout.uid_positions(head)
        chosen = layout.choose(positions, len(head), self._size, expected) if positions else expected
        if row and chosen is not by_row:
            self._add("EMB001", _row_denied(row, chosen), "lengths")
        readable = bool(positions) or self._size < 2 * expected.record_length
        if not readable:
            there = f"No journey uid is anywhere in the first {len(head):,} bytes, so no record was looked at"
            self._add("EMB003", f"{there}; expected one every {expected.record_length:,} bytes ({expected.source}).")
        return chosen, readable

    def _read(self, chosen: Layout, records: Records | None) -> None:
        """Hashes in this thread: a handover costs more than it saves once every core has something to read."""
        digest, expected = hashlib.sha512(), self._known.sha512
        for view in self._reader.chunks(chosen.record_length):
            if expected is not None:
                digest.update(view)
            if records:
                records.check(view)
        if expected is not None and digest.hexdigest() != expected.lower():
            there, expected = digest.hexdigest()[:16], printable(expected[:16])
            self._add("EMB005", f"The file's SHA-512 begins with {there}; expected {expected}, as its row says.")

    def _length(self, chosen: Layout, repeated: int) -> None:
        whole, rest = divmod(self._size, chosen.record_length)
        there = (
            f"The file's {self._size:,} bytes are {whole:,} records of {chosen.record_length:,} bytes ({chosen.source})"
        )
        if rest:
            self._add("EMB001", f"{there} with {rest:,} left over; expected whole records only.")
            return
        items = self._known.items
        # A journey that is there twice has one item, and EMB006 already.
        if items is not None and self._known.settled and len(items) not in (whole, whole - repeated):
            self._add("EMB001", f"{there}; expected {len(items):,}, one for each item.", evidence=Evidence.ABSENCE)

    def _add(self, code: str, message: str, subject: str | None = None, evidence: Evidence = Evidence.PRESENCE) -> None:
        self._ledger.add(Problem(code, message, subject=subject, evidence=evidence))


def _row_denied(row: Mapping[str, Any], chosen: Layout) -> str:
    lengths = " and ".join(printable(str(row[name])) for name in ("journey_uid_byte_length", "embedding_byte_length"))
    read_by = f"the file was read by records of {chosen.record_length:,} bytes, {chosen.source}"
    return f"The row gives {lengths} bytes for uid and embedding, but {read_by}."
