"""What it costs to know what is new: annotating and recording a run of many findings.

    python benchmarks/history.py                  # 200,000 findings
    python benchmarks/history.py --sizes 200000 1000000

Nights over the same bucket, each in a process of its own: the first, on which everything is new; the second, on which
all but a tenth is known and a tenth is fixed; and one with ten findings beside a history of so many. Beside them,
in the same process: what `findings.csv` alone costs. CPU seconds of one core; memory is the process's peak resident
size, and what it was before the findings came.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from auditor.findings import Finding, Severity, fingerprint
from auditor.findings_csv import write_findings
from auditor.history.annotate import Annotated, Annotator
from auditor.history.past import History
from auditor.history.record import record
from auditor.history.tally import Threshold
from auditor.runs.folder import open_run
from tests.history.pretend import FIRST, INFOS, URL
from tests.reports.sample import SampleRun, finding, sample_run

NIGHTS = ("first", "second", "quiet")
MESSAGE = (
    "No row has the key of this 24.6 kB object of images/exports, modified 2026-03-14T03:30:00Z. "
    "It was looked for twice."
)


class Many(SampleRun):
    """Findings of these numbers, made as they are asked for."""

    numbers: range

    def findings(self) -> Iterator[Finding]:
        one = finding("REF001", "", family="images/exports", message=MESSAGE)
        for number in self.numbers:
            key = f"s3_files/images/exports/oseh_ife_{number:022}/q7Jx0a_{number % 97:04}.webp"
            yield replace(one, key=key, fingerprint=fingerprint("REF001", "oseh", key, None))


def run_of(night: str, size: int, folder: Path) -> Many:
    numbers = {"first": range(size), "second": range(size // 10, size + size // 10), "quiet": range(size, size + 10)}
    started = FIRST + timedelta(days=NIGHTS.index(night))
    summary = sample_run([]).summary | {
        "run_id": f"{NIGHTS.index(night):032}",
        "started_at": started.isoformat(),
        "cutoff": started.isoformat(),
        "rows": {"source": "live", "as_of": None, "count": 0, "skipped": []},
        "checked": ["REF001"] if night != "quiet" else [],  # it looks at nothing, so that the history stays as large
        "findings": {"REF001": len(numbers[night])},
    }
    run = Many(summary, [], folder / "objects.parquet")
    run.numbers = numbers[night]
    pq.write_table(pa.table({"key": ["a"], "class": ["ok"]}), run.objects)
    return run


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    result = work()
    return round(time.process_time() - before, 2), result


def written(run: Any, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(write_findings(run.findings()))


def annotated(run: Many, history: History, folder: Path) -> Annotated:
    made = Annotator(INFOS, history, None, Threshold(Severity.WARNING))(run, folder)
    assert isinstance(made, Annotated)
    return made


def night(name: str, size: int, work: Path) -> dict[str, Any]:
    folder = work / name
    (folder / "units").mkdir(parents=True)
    run = run_of(name, size, folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plain, _ = measured(lambda: written(run, folder / "plain.csv"))
    with closing(History(work / "history.sqlite", URL)) as history:
        annotating, made = measured(lambda: annotated(run, history, folder))
        again, _ = measured(lambda: written(made, folder / "findings.csv"))
        (folder / "summary.json").write_text(json.dumps(made.summary))
        recording, _ = measured(lambda: record(history, open_run(folder)))
    states = made.summary["history"]["states"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "night": name,
        **states,
        "findings.csv alone": plain,
        "annotate": annotating,
        "findings.csv with states": again,
        "record": recording,
        "before, MiB": before // 1024,
        "peak, MiB": peak // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[200_000])
    parser.add_argument("--night", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.night:
        name, size, work = given.night
        print(json.dumps(night(name, int(size), Path(work))))
        return
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as work:
            for name in NIGHTS:
                command = [sys.executable, __file__, "--night", name, str(size), work]
                print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True)
            print(f"history.sqlite: {(Path(work) / 'history.sqlite').stat().st_size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
