"""What a finding is called in a report: by its state, or by what the baseline says of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from auditor.findings import Finding, State
from auditor.record import Run

FOUND = "found"  # of a run without a history
SUPPRESSED = "suppressed"
LABELS = (str(State.NEW), FOUND, str(State.FIXED), str(State.KNOWN), SUPPRESSED)  # the first are looked at first
PLACES = {name: place for place, name in enumerate(LABELS)}


def label(finding: Finding) -> str:
    """`new`, `known` or `fixed`; `suppressed` whatever its state; `found` where no history is kept."""
    if finding.suppressed is not None:
        return SUPPRESSED
    return str(finding.state) if finding.state else FOUND


def everything(run: Run) -> Iterator[Finding]:
    """All that was found, in report order, then what is fixed."""
    return chain(run.findings(), run.fixed())
