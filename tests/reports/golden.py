"""Whole outputs, kept as files: `python -m tests.reports.golden` writes them anew after a wanted change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reports.csv import CsvReport
from reports.json import JsonReport
from reports.terminal import TerminalReport
from tests.reports.prefixes import prefixes_run
from tests.reports.sample import clean_run, hostile_findings, incomplete_run, no_database_run, sample_run

if TYPE_CHECKING:
    from auditor.protocols import Report
    from auditor.record import Run

FOLDER = Path(__file__).parent / "expected"

CASES: Mapping[str, tuple[Report, Callable[[], Run]]] = {
    "ordinary-60.txt": (TerminalReport(width=60), sample_run),
    "ordinary-80.txt": (TerminalReport(width=80), sample_run),
    "ordinary-120.txt": (TerminalReport(width=120), sample_run),
    "ordinary-80-color.txt": (TerminalReport(width=80, color=True), sample_run),
    "incomplete-80.txt": (TerminalReport(width=80), incomplete_run),
    "clean-80.txt": (TerminalReport(width=80), clean_run),
    "no-database-80.txt": (TerminalReport(width=80), no_database_run),
    "prefixes-80.txt": (TerminalReport(width=80), prefixes_run),
    "prefixes-120.txt": (TerminalReport(width=120), prefixes_run),
    "hostile-80.txt": (TerminalReport(width=80), lambda: sample_run(hostile_findings())),
    "ordinary.json": (JsonReport(), sample_run),
    "hostile.json": (JsonReport(), lambda: sample_run(hostile_findings())),
    "ordinary.csv": (CsvReport(), sample_run),
    "hostile.csv": (CsvReport(), lambda: sample_run(hostile_findings())),
}


def rendered(name: str) -> str:
    report, run = CASES[name]
    return "".join(report.render(run()))


if __name__ == "__main__":
    for name in CASES:
        (FOLDER / name).write_text(rendered(name), encoding="utf-8", newline="")
