"""How long questions to a large run take, and how much memory.

    python -m benchmarks.asking [objects ..., default 1000000 5000000]

Each question is a process of its own; seconds are those of its processors and of the clock, the peak is that process's.
The run folders lie in a temporary folder and are removed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auditor.scan.columns import NAMES, RECORD
from auditor.spec import Specification, compile_specification
from rules.shipped import file_service
from tests.world.bulk import Bulk

QUESTIONS = {
    "tree": ("tree", "--format", "text", "--depth", "3"),
    "objects --sum family": ("objects", "--sum", "family"),
    "objects --sum prefix --depth 3": ("objects", "--sum", "prefix", "--depth", "3", "--limit", "10"),
    "objects --sort -size --limit 10": ("objects", "--sort", "-size", "--limit", "10"),
    "objects --sort -size --format csv": ("objects", "--sort", "-size", "--format", "csv"),
    "objects --format parquet": ("objects", "--format", "parquet"),
    "cost": ("cost",),
}
PAGE = 20_000  # rows of a row group, as an audit writes them


def main(counts: list[int]) -> None:
    shipped = file_service()
    spec = compile_specification(shipped.document, shipped.bindings)
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="auditor-benchmark-") as folder:
            _write(Path(folder), count, spec)
            for name, arguments in QUESTIONS.items():
                processor, clock, peak = _measured([arguments[0], folder, *arguments[1:]])
                print(f"{count:>11,}  {name:36} {processor:7.1f} s {clock:7.1f} s  {peak:6.0f} MB", flush=True)


def _write(folder: Path, count: int, spec: Specification) -> None:
    """A run folder without findings."""
    objects = total = 0
    with pq.ParquetWriter(
        folder / "objects.parquet",
        RECORD,
        compression="zstd",
        compression_level=1,
        use_dictionary=["storage_class", "family", "class"],
        column_encoding={"key": "DELTA_BYTE_ARRAY"},
    ) as writer:
        for page in Bulk(count).tables(PAGE):
            writer.write_table(_judged(page, spec))
            objects += len(page)
            total += int(np.sum(page["size"].to_numpy()))
    tally = {"objects": objects, "bytes": total}
    summary = {
        "schema_version": 1,
        "bucket": "s3://bulk",
        "started_at": "2026-03-14T03:30:00Z",
        "complete": True,
        "listing": tally,
        "families": {family.name: {} for family in spec.families},
        "findings": {},
        "history": None,
    }
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    columns = "rule,name,severity,status,bucket,key,family,size,last_modified,row_uid,message,suggestion,fingerprint"
    (folder / "findings.csv").write_text(columns + "\n", encoding="utf-8")


def _judged(page: pa.Table, spec: Specification) -> pa.Table:
    family = spec.classify(page["key"]).family.cast(pa.string()).dictionary_encode().cast(NAMES)
    orphans = np.arange(len(page)) % 97 == 0
    kinds = pa.DictionaryArray.from_arrays(pa.array(orphans.astype(np.int16)), pa.array(["ok", "orphan"]))
    return pa.table([*page.columns, family, kinds, pa.nulls(len(page), pa.string())], schema=RECORD)


def _measured(arguments: list[str]) -> tuple[float, float, float]:
    """Seconds of processors and of the clock, and peak MB, of one command, whose output goes nowhere."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "auditor", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, arguments
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [1_000_000, 5_000_000])
