"""Nights without an audit: runs that are told what they found, seen beside a history and recorded in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.baseline.baseline import Baseline
from auditor.findings import Finding, Severity
from auditor.history.annotate import Annotator
from auditor.history.past import History
from auditor.history.record import record
from auditor.history.tally import Threshold
from auditor.plugins import load_rules
from auditor.runs.folder import RunFolder, open_run, publish
from auditor.scan.rulebook import all_infos
from auditor.text import isoformat
from reports.csv import CsvReport
from reports.json import JsonReport
from tests.reports.sample import RULES, SampleRun, in_report_order, sample_run

FIRST = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "s3://oseh"
INFOS = all_infos(load_rules())


@dataclass
class Pretended:
    """Runs one after the other. `classes` are those of the objects that are listed, by key."""

    folder: Path
    classes: dict[str, str] = field(default_factory=dict)
    now: datetime = FIRST
    threshold: Threshold = field(default_factory=lambda: Threshold(Severity.WARNING))
    remembering: bool = True
    with_history: bool = True
    number: int = 0

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite"

    def run(
        self, *findings: Finding, after: timedelta = DAY, baseline: Baseline | None = None, **changes: Any
    ) -> RunFolder:
        """The next run, so long after the one before. `changes` replace entries of its summary."""
        self.now += after if self.number else timedelta(0)
        self.number += 1
        run = self._found(findings, changes)
        out, staging = self.folder / f"run-{self.number}", self.folder / f".run-{self.number}.partial"
        (staging / "units").mkdir(parents=True)
        run.objects = staging / "objects.parquet"
        pq.write_table(
            pa.table({"key": sorted(self.classes), "class": [self.classes[k] for k in sorted(self.classes)]}),
            run.objects,
        )
        with closing(History(self.history, URL)) as history:
            annotated = Annotator(INFOS, history if self.with_history else None, baseline, self.threshold)(run, staging)
            publish(annotated, {"csv": CsvReport(), "json": JsonReport()}, staging, out)
            if self.remembering and self.with_history:
                record(history, open_run(out))
        return open_run(out)

    def _found(self, findings: Sequence[Finding], changes: dict[str, Any]) -> SampleRun:
        summary = {
            "run_id": uuid4().hex,
            "bucket": URL,
            "prefix": "",
            "started_at": isoformat(self.now),
            "ended_at": isoformat(self.now + HOUR),
            "cutoff": isoformat(self.now - DAY),
            "listing": {
                "started": isoformat(self.now),
                "ended": isoformat(self.now + HOUR / 2),
                "objects": 0,
                "bytes": 0,
            },
            "rows": {"source": "postgresql", "as_of": None, "count": 0, "skipped": []},
            "checked": sorted(RULES),
            "fail_on_new": None,
        }
        return sample_run(in_report_order(list(findings)), **summary | changes)


def told(run: RunFolder) -> dict[str, tuple[str, int | None]]:
    """State and nights by key, of findings and of what is fixed."""
    both = [*run.findings(), *run.fixed()]
    return {finding.key: (str(finding.state), finding.nights) for finding in both}
