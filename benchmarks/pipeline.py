"""The pipeline behind the listing: classify, read rows, merge, judge, rules, account, write. Speed and peak memory.

    python benchmarks/pipeline.py                 # 100,000 and 1,000,000 objects with as many rows
    python benchmarks/pipeline.py --sizes 1000000

Each size runs in a process of its own, on one core. Pages come from a file of ready Arrow batches, so that listing
costs next to nothing; rows come from a SQLite database in random insertion order, as years of uploads leave it.
Memory is the process's peak resident size, which is what a container is killed for.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditor.cli.parameters import load_specification
from auditor.frames import OBJECTS
from auditor.plugins import load_reports, load_rules
from auditor.progress import Silent
from auditor.rows.base import RowTable
from auditor.rows.sqlite import SqliteRows
from auditor.runs.folder import publish
from auditor.scan.audit import audit
from auditor.scan.case import Clock, open_case
from auditor.scan.content.turns import Level
from auditor.scan.options import Options
from auditor.scan.rulebook import all_infos
from auditor.store.base import ObjectFacts
from tests.world.bulk import Bulk

PAGE = 32_768  # what the stores yield
TARGET_SPEED, TARGET_MEMORY = 150_000, 1.2


class ReadyPages:
    """A store whose listing is a file of Arrow batches, and whose every HEAD says 404 or what was listed."""

    url, bucket = "s3://ready", "ready"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.requests: Counter[str] = Counter()

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        with pa.OSFile(str(self._path)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(number)])

    def head(self, key: str) -> ObjectFacts | None:
        return None

    def close(self) -> None:
        return None


def build(folder: Path, objects: int) -> dict[str, int]:
    bulk = Bulk(objects)
    with pa.ipc.new_file(folder / "pages.arrow", OBJECTS) as file:
        for page in bulk.tables(PAGE):
            file.write_table(page.combine_chunks(), max_chunksize=PAGE)
    bulk.write_database(folder / "rows.db")
    return bulk.counts()


def one_run(folder: Path) -> dict[str, float]:
    """The audit of one built folder; runs in a process of its own."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rules, store = load_rules(), ReadyPages(folder / "pages.arrow")
    rows = SqliteRows(folder / "rows.db", RowTable(), private_copy=True)
    spec, reports = load_specification(None, None), load_reports()
    started, cpu = time.perf_counter(), time.process_time()
    case = open_case(
        store=store,
        rows=rows,
        spec=spec,
        rules=rules,
        selected=frozenset(all_infos(rules)),
        options=Options(settle=timedelta(0), content=Level.NONE),
        clock=Clock(store.clock()),
        folder=folder,
        progress=Silent(),
    )
    run = audit(case, folder)
    publish(run, {name: reports[name]() for name in ("csv", "json")}, folder, folder.with_suffix(".run"))
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "peak": peak_memory(),
        "objects": run.summary["listing"]["objects"],
        "complete": run.summary["complete"],
        "findings": sum(run.summary["findings"].values()),
    }


def peak_memory() -> float:
    """Peak resident size of this process in MiB; `ru_maxrss` would count what the parent held when it forked."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(objects: int, home: Path) -> dict[str, float]:
    folder = home / str(objects)
    folder.mkdir()
    built = build(folder, objects)
    child = subprocess.run(
        [sys.executable, __file__, "--child", str(folder)], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(child.stdout)
    if result["objects"] != built["objects"] or not result["complete"]:
        raise SystemExit(f"the run is wrong: {result}, built {built}")
    speed = result["objects"] / result["seconds"]
    print(
        f"{objects:>10,} positions  {result['seconds']:7.2f} s wall  {result['cpu']:7.2f} s CPU  "
        f"{speed:9,.0f} objects/s  peak {result['peak']:6.0f} MiB  {result['findings']:,} findings",
        flush=True,
    )
    return result | {"speed": speed}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments.add_argument("--child", type=Path)
    given = arguments.parse_args()
    if given.child:
        print(json.dumps(one_run(given.child)))
        return
    with tempfile.TemporaryDirectory() as home:
        results = [measure(objects, Path(home)) for objects in given.sizes]
    ratio = results[-1]["peak"] / results[0]["peak"]
    print(f"peak memory: {ratio:.2f} times that of the smallest run (at most {TARGET_MEMORY})")
    print(f"speed: {results[-1]['speed']:,.0f} objects/s on one core (at least {TARGET_SPEED:,})")


if __name__ == "__main__":
    main()
