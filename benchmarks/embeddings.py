"""The whole check of an embedding file, checksum included, beside plain hashlib.sha512 of the same file.

    python benchmarks/embeddings.py            # 5000 records, 123 MB
    taskset -c 0 python benchmarks/embeddings.py

Both read the same file with the same read size from a warm page cache, in turns. The ratio is the median over the
turns, since the two halves of a turn share whatever else the machine is doing; speeds are medians, too. Exits 1 when
the check reaches less than `--least` of the plain checksum's speed.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from auditor.protocols import ContentFacts
from rules.embeddings import EmbeddingRules
from rules.embeddings.stream import CHUNK

DIMENSIONS = 3072
KEY = "s3_files/journey_embeddings/oseh_jemb_benchmarkbenchmarkbench"


def write(path: Path, records: int) -> list[str]:
    """A valid file of unit vectors; the same bytes every time. Returns its journeys."""
    random = np.random.default_rng(20240718)
    uids = [f"oseh_j_{number:022d}" for number in range(records)]
    with path.open("wb") as file:
        for uid in uids:
            vector = random.standard_normal(DIMENSIONS)
            file.write(uid.encode().rjust(32, b"\0") + (vector / np.linalg.norm(vector)).astype(">f8").tobytes())
    return uids


def plain(path: Path) -> str:
    digest = hashlib.sha512()
    buffer = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return digest.hexdigest()


def facts_of(path: Path, uids: list[str]) -> ContentFacts:
    record = 32 + 8 * DIMENSIONS
    row = {"uid": KEY[-32:], "journey_uid_byte_length": 32, "embedding_byte_length": 8 * DIMENSIONS}
    answers: dict[str, list[dict[str, Any]]] = {
        "embedding": [row | {"sha512": plain(path)}],
        "items": [{"byte_offset": number * record, "journey_uid": uid} for number, uid in enumerate(uids)],
        "journeys": [{"uid": uid} for uid in uids],
    }
    return ContentFacts(KEY, path.stat().st_size, datetime.now(UTC), "row", True, answers)


def check(path: Path, facts: ContentFacts) -> None:
    with path.open("rb", buffering=0) as file:
        problems = list(EmbeddingRules().check_content([file], facts))
    assert not problems, problems


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--least", type=float, default=0.7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "embeddings"
        facts = facts_of(path, write(path, arguments.records))
        turns = [(seconds(lambda: plain(path)), seconds(lambda: check(path, facts))) for _ in range(arguments.repeat)]
    megabytes = facts.size / 1e6
    bare, whole = (megabytes / statistics.median(column) for column in zip(*turns, strict=True))
    ratio = statistics.median(alone / checked for alone, checked in turns)
    print(f"{megabytes:.0f} MB, {CHUNK >> 10} KiB reads, median of {arguments.repeat} turns")
    print(f"hashlib.sha512 alone   {bare:7.0f} MB/s")
    print(f"whole check            {whole:7.0f} MB/s   ratio {ratio:.2f} (at least {arguments.least} is required)")
    return 0 if ratio >= arguments.least else 1


if __name__ == "__main__":
    sys.exit(main())
