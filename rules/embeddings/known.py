"""What the database knows about an embedding file: the questions, and their answers in the form the checks need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.protocols import ContentFacts, Query

_OF_THIS_FILE = """
FROM journey_embeddings
JOIN s3_files ON s3_files.id = journey_embeddings.s3_file_id
"""

# "offset" is a reserved word in Postgres, hence the quotes and the other name for the result.
QUERIES: Mapping[str, Query] = {
    "embedding": Query(
        "SELECT journey_embeddings.uid, journey_embeddings.journey_uid_byte_length,"
        " journey_embeddings.embedding_byte_length, journey_embeddings.sha512"
        f"{_OF_THIS_FILE}"
        "WHERE s3_files.key = :key"
    ),
    "items": Query(
        'SELECT journey_embedding_items."offset" AS byte_offset, journeys.uid AS journey_uid'
        f"{_OF_THIS_FILE}"
        "JOIN journey_embedding_items ON journey_embedding_items.journey_embedding_id = journey_embeddings.id\n"
        "LEFT JOIN journeys ON journeys.id = journey_embedding_items.journey_id\n"
        "WHERE s3_files.key = :key\n"
        'ORDER BY journey_embedding_items."offset"'
    ),
    "journeys": Query("SELECT uid FROM journeys"),
}


@dataclass(frozen=True)
class Item:
    """One row of journey_embedding_items. `uid` is None where the journey was deleted since."""

    offset: object  # bytes; whatever the database holds, since SQLite does not insist on integers
    uid: str | None


@dataclass(frozen=True)
class Known:
    """None stands for what nobody could say, and is never held against the file."""

    row: Mapping[str, Any] | None
    items: Sequence[Item] | None
    journeys: frozenset[str] | None
    settled: bool

    @property
    def sha512(self) -> str | None:
        """As the row has it, in hexadecimal; SQLite does not insist on text."""
        return None if self.row is None or self.row["sha512"] is None else str(self.row["sha512"])


def known(facts: ContentFacts) -> Known:
    """Items count for something only beside a row of their own: no row, no items, and no contradiction."""
    rows, items, journeys = (facts.answers.get(name) for name in QUERIES)
    row = rows[0] if rows else None
    if row is None:
        items = None
    return Known(
        row=row,
        items=None if items is None else [Item(item["byte_offset"], item["journey_uid"]) for item in items],
        journeys=None if journeys is None else frozenset(journey["uid"] for journey in journeys),
        settled=facts.settled,
    )
