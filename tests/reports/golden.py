"""Whole outputs, kept as files: `python -m tests.reports.golden` writes them anew after a wanted change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reports.csv import CsvReport, FixedCsv, NewCsv
from reports.json import JsonReport
from reports.jsonl import JsonLinesReport
from reports.junit import JunitReport
from reports.markdown import MarkdownReport
from reports.sarif import SarifReport
from reports.terminal import TerminalReport
from tests.reports.nights import first_run, history_run, hostile_history_run, quiet_run, suppressed_run
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
    "history-80.txt": (TerminalReport(width=80), history_run),
    "history-120.txt": (TerminalReport(width=120), history_run),
    "first-80.txt": (TerminalReport(width=80), first_run),
    "quiet-80.txt": (TerminalReport(width=80), quiet_run),
    "suppressed-80.txt": (TerminalReport(width=80), suppressed_run),
    "ordinary.sarif": (SarifReport(), sample_run),
    "history.sarif": (SarifReport(), history_run),
    "incomplete.sarif": (SarifReport(results=4), incomplete_run),
    "history.jsonl": (JsonLinesReport(), history_run),
    "ordinary.md": (MarkdownReport(), sample_run),
    "history.md": (MarkdownReport(), history_run),
    "hostile-history.md": (MarkdownReport(), hostile_history_run),
    "history.xml": (JunitReport(), history_run),
    "incomplete.xml": (JunitReport(), incomplete_run),
    "hostile-history.xml": (JunitReport(examples=40), hostile_history_run),
    "history.csv": (CsvReport(), history_run),
    "history-new.csv": (NewCsv(), history_run),
    "history-fixed.csv": (FixedCsv(), history_run),
    "ordinary-new.csv": (NewCsv(), sample_run),
    "history.json": (JsonReport(), history_run),
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
