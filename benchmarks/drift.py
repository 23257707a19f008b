"""How long `auditor spec drift` takes, and how much memory: a run folder with many keys that no template fits.

    python benchmarks/drift.py [unknown keys, default 1000000]

Beside them lie as many keys that fit. The command runs in a process of its own; the peak is that process's.
"""

from __future__ import annotations

import json
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.scan.columns import RECORD

BATCH = 100_000
NOW = datetime(2024, 1, 1, tzinfo=UTC)


def _uid(prefix: str) -> str:
    return f"oseh_{prefix}_{secrets.token_urlsafe(16)}"


def _seconds() -> int:
    return random.randint(1_600_000_000, 1_700_000_000)


UNKNOWN: dict[Callable[[], str], float] = {  # shares
    lambda: f"s3_files/videos/{_uid('cf')}/hls/{secrets.token_urlsafe(8)}.ts": 60,
    lambda: f"s3_files/voice_notes/transcripts/{_uid('vn')}/{secrets.token_urlsafe(4)}.vtt.fernet": 20,
    lambda: f"s3_files/videos/journey_videos/{secrets.token_urlsafe(16)}.mp4": 10,
    lambda: f"s3_files/thumbnails/{random.choice(WORDS)}-{random.choice(WORDS)}/{random.randint(1, 999)}.webp": 5,
    lambda: f"s3_files/merging/{_uid('mal_o')}-{_seconds()}.txt.gz": 4,
    lambda: "".join(random.choices("abcdefgh/-_.é \n{0A", k=random.randint(5, 40))): 1,
}
WORDS = ["".join(random.choices("abcdefghijklmnop", k=random.randint(3, 9))) for _ in range(500)]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        _write(run, count)
        start = time.perf_counter()
        command = [sys.executable, "-m", "auditor", "spec", "drift", folder, "--format", "json"]
        answer = subprocess.run(command, capture_output=True, check=True).stdout
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{count:,} keys without a template beside as many with one:")
    print(f"{seconds:.1f} s, {cpu:.1f} s CPU, peak {peak:.0f} MiB")
    for entry in json.loads(answer):
        print(f"{entry['objects']:>12,}  {entry['template']}")


def _write(run: Path, count: int) -> None:
    summary = {"schema_version": 1, "complete": True, "rows": {"source": "none at hand"}}
    (run / "summary.json").write_text(json.dumps(summary))
    with pq.ParquetWriter(run / "objects.parquet", RECORD) as writer:
        for keys in _keys(count):
            size = len(keys)
            columns = [keys, [1000] * size, [NOW] * size, *([None] * size for _ in range(5))]
            arrays = [pa.array(column, field.type) for column, field in zip(columns, RECORD, strict=True)]
            writer.write_table(pa.table(arrays, schema=RECORD))


def _keys(count: int) -> Iterator[list[str]]:
    makers, shares = list(UNKNOWN), list(UNKNOWN.values())
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        known = [f"s3_files/images/exports/{_uid('ife')}/{secrets.token_urlsafe(8)}.png" for _ in range(size)]
        yield sorted([*known, *(make() for make in random.choices(makers, shares, k=size))])


if __name__ == "__main__":
    main()
