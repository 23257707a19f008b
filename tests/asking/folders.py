"""Run folders as an audit would leave them, from a few objects and findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.findings import Finding
from auditor.findings_csv import write_findings
from auditor.runs.states import write_states
from auditor.scan.columns import RECORD
from tests.reports.sample import STARTED, in_report_order, sample_run


@dataclass(frozen=True)
class Thing:
    """One object; `days` is how long before the run it was stored."""

    key: str
    size: int = 100
    days: float = 40
    family: str | None = "images/exports"
    name: str = "ok"  # the class
    storage_class: str | None = "STANDARD"
    row_uid: str | None = None

    @property
    def last_modified(self) -> datetime:
        return STARTED - timedelta(days=self.days)


def run_folder(
    folder: Path,
    things: Sequence[Thing] = (),
    findings: Sequence[Finding] = (),
    fixed: Sequence[Finding] | None = None,
    group: int = 3,
    **changes: Any,
) -> Path:
    """`fixed` of None: without a history. Row groups are small, so that each look meets several."""
    folder.mkdir(parents=True, exist_ok=True)
    things = sorted(things, key=lambda thing: thing.key.encode())
    held = in_report_order(list(findings))
    states = {"new": 0, "known": 0, "fixed": len(fixed or ())}
    changes.setdefault("history", None if fixed is None else {"states": states})
    listing = {"objects": len(things), "bytes": sum(thing.size for thing in things)}
    summary = sample_run(held, listing=listing, **changes).summary
    summary["findings"] = dict(Counter(finding.rule for finding in held))
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    pq.write_table(record(things), folder / "objects.parquet", row_group_size=group, compression="zstd")
    _write(folder / "findings.csv", held)
    if fixed is not None:
        _write(folder / "fixed.csv", fixed)
    write_states(held, folder / "states.parquet")
    return folder


def record(things: Sequence[Thing]) -> pa.Table:
    columns = {
        "key": [thing.key for thing in things],
        "size": [thing.size for thing in things],
        "last_modified": [thing.last_modified for thing in things],
        "etag": [f'"{number}"' for number, _ in enumerate(things)],
        "storage_class": [thing.storage_class for thing in things],
        "family": [thing.family for thing in things],
        "class": [thing.name for thing in things],
        "row_uid": [thing.row_uid for thing in things],
    }
    return pa.table(columns, schema=RECORD)


def _write(path: Path, findings: Sequence[Finding]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_findings(findings))
