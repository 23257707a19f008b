"""Embedding files: records of a NUL-padded journey uid and big-endian doubles, and the rows that describe them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.world.files import Files
from tests.world.ledger import EmbeddingFault

UID_BYTES = 32  # 29 characters, rounded up to a multiple of four
REAL_DIMENSIONS = 3072
FAMILY = "journey_embeddings"


@dataclass(frozen=True)
class Journey:
    row: int
    uid: str


@dataclass
class Record:
    """What the file says about one journey. `item` is the journey row of its item, None where that was set to NULL."""

    uid_field: bytes
    vector: np.ndarray
    item: int | None
    offset: int


@dataclass
class Draft:
    """An embedding file and its rows before they are written down; faults change it."""

    uid: str
    records: list[Record]
    trailing: bytes = b""
    sha512: str | None = None  # what the row says, where it is not the truth
    lost_items: int = 0  # how many of the last items have no row
    notes: list[EmbeddingFault] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return (
            b"".join(record.uid_field + record.vector.astype(">f8").tobytes() for record in self.records)
            + self.trailing
        )


Change = Callable[[Draft], None]


def padded(uid: str) -> bytes:
    """
    >>> padded("oseh_j_abc")[-13:]
    b'\\x00\\x00\\x00oseh_j_abc'
    """
    return uid.encode().rjust(UID_BYTES, b"\0")


def draft(files: Files, journeys: Sequence[Journey], dimensions: int = 8) -> Draft:
    """A sound file about these journeys, in the order of their uids; vectors have unit length."""
    chance = np.random.default_rng(files.names.random.getrandbits(64))
    records = []
    for number, journey in enumerate(sorted(journeys, key=lambda one: one.uid)):
        vector = chance.standard_normal(dimensions)
        offset = number * (UID_BYTES + 8 * dimensions)
        records.append(Record(padded(journey.uid), vector / np.linalg.norm(vector), journey.row, offset))
    return Draft(files.names.uid("jemb"), records)


def write(files: Files, made: Draft, at: float, *, rows: bool = True) -> str:
    """Put the file into the bucket and, unless it is an orphan, its rows into the tables; returns the key."""
    key = f"s3_files/{FAMILY}/{made.uid}"
    body = made.body
    if made.notes:
        files.ledger.faults[key].extend(made.notes)
    if not rows:
        files.ledger.put(key, body, at, FAMILY)
        return key
    stored = files.store(key, body, FAMILY, at=at)
    embedding = files.ledger.insert(
        "journey_embeddings",
        at,
        uid=made.uid,
        model="text-embedding-3-large",
        technique="metadata-and-transcript:v1.0.0",
        journey_uid_byte_length=UID_BYTES,
        embedding_byte_length=8 * len(made.records[0].vector),
        s3_file_id=stored,
        sha512=made.sha512 or hashlib.sha512(body).hexdigest(),
        created_at=at,
    )
    for record in made.records[: len(made.records) - made.lost_items]:
        values = {"uid": files.names.uid("jemi"), "journey_embedding_id": embedding}
        files.ledger.insert("journey_embedding_items", at, journey_id=record.item, offset=record.offset, **values)
    return key
