"""`findings.csv`: every finding, to work with."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.findings_csv import FILENAME, write_findings
from auditor.record import Run


class CsvReport:
    filename: str | None = FILENAME

    def render(self, run: Run) -> Iterator[str]:
        return write_findings(run.findings())
