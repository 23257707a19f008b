"""`findings.jsonl`: one finding a line, for `jq` and for databases; nothing is left out, however much there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from auditor.findings import Finding
from auditor.findings_csv import COLUMNS, PIECE
from auditor.record import Run
from auditor.text import isoformat
from reports.labels import everything

FIELDS = (*COLUMNS, "state", "first_seen", "nights", "suppressed")


class JsonLinesReport:
    """The columns of findings.csv and what is known of the nights before, in this order; null for what is absent.

    Findings come in report order, then what is fixed, by its `state`. Pure ASCII, as in summary.json: keys come back
    exactly when a line is parsed, and do nothing to a terminal.
    """

    filename: str | None = "findings.jsonl"
    on_request = True

    def render(self, run: Run) -> Iterator[str]:
        lines = map(_line, everything(run))
        while piece := list(islice(lines, PIECE)):
            yield "".join(piece)


def _line(finding: Finding) -> str:
    values = {name: _plain(getattr(finding, name)) for name in FIELDS}
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    return isoformat(value) if isinstance(value, datetime) else value
