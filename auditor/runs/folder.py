"""The folder that a run leaves: written under a temporary name, renamed when whole, and read again later."""

from __future__ import annotations

import errno
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Any

from auditor.errors import CannotStart
from auditor.findings import Finding, State
from auditor.findings_csv import read_findings
from auditor.protocols import Report
from auditor.record import Run
from auditor.runs.durable import flush, flush_files
from auditor.runs.names import partial_affixes
from auditor.runs.states import FILENAME as STATES
from auditor.runs.states import with_states

SUMMARY, FINDINGS, FIXED, OBJECTS = "summary.json", "findings.csv", "fixed.csv", "objects.parquet"
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@contextmanager
def staging(out: Path, bucket: str) -> Iterator[Path]:
    """A private folder (0700) beside `out`, which must not exist yet; removed unless `publish` renamed it.

    One that is left by a process that was killed is known by its name as half a run of this bucket.

    Raises CannotStart before anything is read.
    """
    if out.exists() or out.is_symlink():
        raise CannotStart(f"{out} exists already: name another folder with --out, or move this one away")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        begin, end = partial_affixes(out.name, bucket)
        folder = Path(tempfile.mkdtemp(prefix=begin, suffix=end, dir=out.parent))
    except OSError as error:
        raise CannotStart(f"{out} cannot be written ({error.strerror}): name another folder with --out") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(run: Run, reports: Mapping[str, Report], folder: Path, out: Path) -> Path:
    """Writes every report that is a file, then gives the folder its name, and returns it.

    The name is `out`, or `out-2` and so on if an audit of another bucket took it meanwhile. Everything is on the disk
    before the folder has its name, and the name is there before this returns, whatever becomes of the machine.
    """
    for report in reports.values():
        if report.filename:
            write_report(report, run, folder / report.filename)
    shutil.rmtree(folder / "units")
    flush_files(folder)
    published = _renamed(folder, out)
    flush(out.parent)
    return published


def _renamed(folder: Path, out: Path) -> Path:
    names = chain([out], (out.with_name(f"{out.name}-{number}") for number in count(2)))
    while True:
        try:
            return folder.rename(next(names))
        except OSError as error:
            if error.errno not in _TAKEN:
                raise


def write_report(report: Report, run: Run, path: Path) -> None:
    """Writes beside the path first, so that a failure leaves what was there before."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        file.writelines(report.render(run))
    partial.replace(path)


@dataclass(frozen=True)
class RunFolder:
    """A finished run, read from its folder."""

    folder: Path
    summary: dict[str, Any]

    @property
    def objects(self) -> Path:
        return self.folder / OBJECTS

    def findings(self) -> Iterator[Finding]:
        held = read_findings(self.folder / FINDINGS, expected=sum(self.summary["findings"].values()))
        return with_states(held, self.folder / STATES)

    def fixed(self) -> Iterator[Finding]:
        """None where the run was not compared with those before it."""
        history = self.summary.get("history")
        if history is None:
            return
        for finding in read_findings(self.folder / FIXED, expected=history["states"]["fixed"]):
            yield replace(finding, state=State.FIXED)


def open_run(folder: Path) -> RunFolder:
    """Raises CannotStart when the folder is not a finished run."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CannotStart(f"{folder} is not the folder of a run: it has no {SUMMARY}") from error
    except (OSError, ValueError) as error:
        raise CannotStart(f"{folder / SUMMARY} cannot be read ({error}): is the folder whole?") from error
    if not isinstance(summary, dict) or summary.get("schema_version") != 1:
        raise CannotStart(f"{folder / SUMMARY} is of a version that this auditor does not know: use a newer auditor")
    return RunFolder(folder, summary)
