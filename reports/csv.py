"""Findings as CSV, to work with: all of them, only the new ones, or what is fixed."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.findings import State
from auditor.findings_csv import FILENAME, write_findings
from auditor.record import Run


class CsvReport:
    filename: str | None = FILENAME

    def render(self, run: Run) -> Iterator[str]:
        return write_findings(run.findings())


class NewCsv:
    """What is new and counts; without a history, a header alone."""

    filename: str | None = "new.csv"
    on_request = True

    def render(self, run: Run) -> Iterator[str]:
        return write_findings(
            finding for finding in run.findings() if finding.state is State.NEW and finding.suppressed is None
        )


class FixedCsv:
    """What an earlier run found and this one no longer, as it was last seen; without a history, a header alone.

    On request, since a run with a history has the file in its record.
    """

    filename: str | None = "fixed.csv"
    on_request = True

    def render(self, run: Run) -> Iterator[str]:
        return write_findings(run.fixed())
