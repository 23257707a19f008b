"""A builder of embedding files, valid ones and faulty ones, with what a database would say about them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from auditor.findings import Problem
from auditor.protocols import ContentFacts
from rules.embeddings import EmbeddingRules

KEY = "s3_files/journey_embeddings/oseh_jemb_AAAAAAAAAAAAAAAAAAAAAA"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass
class EmbeddingFile:
    """Change what you like between `build` and `facts`; `sealed` holds the checksum of the file as it was built."""

    fields: list[bytes]
    vectors: npt.NDArray[np.float64]
    items: list[tuple[Any, str | None]]
    journeys: set[str]
    uid_length: int
    tail: bytes = b""
    cut: int = 0  # bytes missing at the end
    row: dict[str, Any] = field(default_factory=dict)
    sealed: str = ""

    @property
    def record_length(self) -> int:
        return self.uid_length + 8 * int(self.vectors.shape[1])

    def uid(self, record: int) -> str:
        return self.fields[record][-29:].decode()

    def content(self) -> bytes:
        numbers = (vector.astype(">f8").tobytes() for vector in self.vectors)
        whole = b"".join(uid + vector for uid, vector in zip(self.fields, numbers, strict=True)) + self.tail
        return whole[: len(whole) - self.cut]

    def facts(self, *, rows: bool = True, settled: bool = True, sealed: bool = False) -> ContentFacts:
        """`sealed` keeps the checksum of the file as it was built: damage after writing, not while writing."""
        content = self.content()
        sha512 = self.sealed if sealed else hashlib.sha512(content).hexdigest()
        answers: dict[str, Any] = dict.fromkeys(("embedding", "items", "journeys"))
        if rows:
            answers["embedding"] = [{"sha512": sha512} | self.row]
            answers["items"] = [{"byte_offset": offset, "journey_uid": uid} for offset, uid in self.items]
            answers["journeys"] = [{"uid": uid} for uid in sorted(self.journeys)]
        moment = datetime(2026, 1, 2, tzinfo=UTC)
        return ContentFacts(KEY, len(content), moment, "oseh_s3f_x" if rows else None, settled, answers)


def build(uids: Iterable[str], dimensions: int = 4, uid_length: int = 32, seed: int = 0) -> EmbeddingFile:
    """A valid file with one unit vector for each journey."""
    uids = list(uids)
    vectors = np.random.default_rng(seed).standard_normal((len(uids), dimensions))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    length = uid_length + 8 * dimensions
    file = EmbeddingFile(
        fields=[uid.encode().rjust(uid_length, b"\0") for uid in uids],
        vectors=vectors,
        items=[(number * length, uid) for number, uid in enumerate(uids)],
        journeys={*uids, "oseh_j_notInTheFileNotInTheF"},
        uid_length=uid_length,
        row={
            "uid": KEY[-32:],
            "journey_uid_byte_length": uid_length,
            "embedding_byte_length": 8 * dimensions,
        },
    )
    file.sealed = hashlib.sha512(file.content()).hexdigest()
    return file


def numbered(count: int, dimensions: int = 4, uid_length: int = 32) -> EmbeddingFile:
    """A valid file whose journeys are numbered."""
    return build((f"oseh_j_{number:022d}" for number in range(count)), dimensions, uid_length)


def check(file: EmbeddingFile, stream: Callable[[bytes], BinaryIO] = io.BytesIO, **facts: bool) -> list[Problem]:
    """What the rule says about the file, read through `stream`."""
    return judge(file.content(), file.facts(**facts), stream)


def judge(content: bytes, facts: ContentFacts, stream: Callable[[bytes], BinaryIO] = io.BytesIO) -> list[Problem]:
    rule = EmbeddingRules()
    streams = [stream(content[start : start + length]) for start, length in rule.plan(facts.size, facts.depth)]
    return list(rule.check_content(streams, facts))


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]
