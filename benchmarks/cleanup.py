"""A plan of many orphans, and the look that comes after it, beside the bare HEADs that the look cannot do without.

`python benchmarks/cleanup.py [ORPHANS]`. The run's folder is synthetic, the bucket and its rows are in memory, so that
what is measured is the tool. Memory is the peak of the process above what it held before.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.cleanup.fresh import write_fresh
from auditor.cleanup.limits import Limits
from auditor.cleanup.plan import make_plan
from auditor.cleanup.reading import open_plan
from auditor.cleanup.selection import Selection
from auditor.cleanup.verify import LOOKING, Verification, look_at
from auditor.cli.parameters import load_specification
from auditor.cli.verify_opening import opened_case
from auditor.findings import Finding, Severity, State, Status, fingerprint
from auditor.findings_csv import write_findings
from auditor.progress import Silent
from auditor.rows.base import RowTable
from auditor.rows.sqlite import SqliteRows
from auditor.runs.folder import open_run
from auditor.runs.states import write_states
from auditor.scan.case import Clock
from auditor.scan.columns import RECORD
from auditor.spec import Specification
from auditor.store.base import ObjectFacts
from auditor.text import isoformat
from tests.cleanup.scene import BINDINGS, DOCUMENT
from tests.scan.fakes import MemoryStore

ORPHANS, IN_USE = 200_000, 100
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # the same in all processes
OLD = NOW - timedelta(days=30)
WAY_BACK = timedelta(days=7)


class Bucket(MemoryStore):
    """Its ETags are the same in all processes."""

    def _facts(self, key: str) -> ObjectFacts:
        return replace(super()._facts(key), etag='"c4ca4238a0b923820dcc509a6f75849b"')


def store_of(count: int) -> MemoryStore:
    keys = [*(f"f/{number:09}" for number in range(count)), *(f"f/used{number}" for number in range(IN_USE))]
    return Bucket(dict.fromkeys(keys, (OLD, b"1")), now=NOW)


def _finding(key: str) -> Finding:
    mark = fingerprint("REF001", "memory", key, None)
    told = ("orphan", Severity.WARNING, Status.CONFIRMED, "memory", key, "f", 1, OLD, None, "No row has this key.", "")
    return Finding("REF001", *told, mark, State.KNOWN, OLD + timedelta(days=1), 9)


def make_run(folder: Path, store: MemoryStore, spec: Specification) -> None:
    """The folder of a run in which nearly everything is an orphan, and a database of what is not."""
    run = folder / "run"
    run.mkdir()
    keys = sorted(store.objects)
    with pq.ParquetWriter(run / "objects.parquet", RECORD) as writer:
        for start in range(0, len(keys), 20_000):
            writer.write_table(pa.Table.from_pylist([_record(store, key) for key in keys[start:][:20_000]], RECORD))
    orphans = [key for key in keys if "used" not in key]
    with (run / "findings.csv").open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_findings(map(_finding, orphans)))
    write_states(map(_finding, orphans), run / "states.parquet")
    summary = {
        "schema_version": 1, "run_id": "run", "bucket": "s3://memory", "prefix": "", "started_at": isoformat(NOW),
        "min_age_seconds": 86_400.0, "rows": {"source": "rows.db", "as_of": None}, "pending": None, "complete": True,
        "spec": {"sha256": spec.sha256}, "checked": ["REF001", "REF002", "REF006"], "contents": None,
        "families": {"f": {"objects": len(keys), "bytes": len(keys)}}, "findings": {"REF001": len(orphans)},
    }  # fmt: skip
    (run / "summary.json").write_text(json.dumps(summary))
    with closing(sqlite3.connect(folder / "rows.db")) as rows, rows:
        rows.execute(
            "CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid, key TEXT, file_size, content_type, created_at)"
        )
        rows.execute("CREATE UNIQUE INDEX by_key ON s3_files (key)")
        for number in range(IN_USE):
            values = (f"uid{number}", f"f/used{number}", OLD.timestamp())
            rows.execute(
                "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES (?, ?, 1, 'x', ?)", values
            )


def _record(store: MemoryStore, key: str) -> dict[str, object]:
    used = "used" in key
    uid = f"uid{key.removeprefix('f/used')}" if used else None
    return {**store.head(key).__dict__, "family": "f", "class": "ok" if used else "orphan", "row_uid": uid}


def _peak() -> float:
    """Megabytes that this process has held at most."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _spec(folder: Path) -> Specification:
    return load_specification(folder / "keys.md", folder / "keys.toml")


def heads(folder: Path, store: MemoryStore) -> None:
    """What the look cannot do without: the plan read, and a HEAD for each object."""
    with ThreadPoolExecutor(LOOKING) as executor:
        for chunk in open_plan(folder / "plan").chunks():
            list(executor.map(lambda item: look_at(store, item.key), chunk))


def plan(folder: Path, store: MemoryStore) -> None:
    limits = Limits(max_share=1.0, max_objects=10**9)
    selection = Selection(frozenset({"REF001"}))
    made = make_plan(open_run(folder / "run"), selection, limits, _spec(folder), folder / "plan", NOW)
    assert made.document["totals"]["objects"] == len(store.objects) - IN_USE


def csv(folder: Path, _: MemoryStore) -> None:
    with (folder / "again.csv").open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_findings(open_run(folder / "run").findings()))


def verify(folder: Path, store: MemoryStore) -> None:
    made, spec = open_plan(folder / "plan"), _spec(folder)
    (folder / "fresh" / "work").mkdir(parents=True)
    work = folder / "fresh" / "work"
    rows = SqliteRows(folder / "rows.db", RowTable(**spec.rows))
    with opened_case(made, spec, store, Clock(NOW), work, timedelta(0), Silent(), rows, None) as case:
        document = write_fresh(Verification(made, case, work), folder / "fresh", WAY_BACK)
    assert document["totals"]["objects"] == len(store.objects) - IN_USE, document["verified"]["split"]
    rows.close()


STEPS = {"findings.csv": csv, "plan": plan, "HEADs": heads, "verify": verify}


def step(name: str, folder: Path, count: int) -> None:
    """In a process of its own, so that the peak is that of the step."""
    store, before = store_of(count), _peak()
    began, cpu = time.perf_counter(), time.process_time()
    STEPS[name](folder, store)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{name:<14}{wall:>8.1f} s {cpu:>8.1f} s of processor {_peak() - before:>8.0f} MB more at the peak", flush=True
    )


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "keys.md").write_text(DOCUMENT)
        (folder / "keys.toml").write_text(BINDINGS.partition("[references]")[0])
        make_run(folder, store_of(count), _spec(folder))
        for one in STEPS:
            subprocess.run([sys.executable, __file__, one, name, str(count)], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [name, folder, count]:
            step(name, Path(folder), int(count))
        case given:
            main(int(given[0]) if given else ORPHANS)
