"""A run beside the runs before it: what is new, known, fixed, confirmed and suppressed.

One pass over the findings, a page at a time, each page with one question to the history and one to the baseline. What
came of it is written beside the findings (`states.parquet`, `fixed.csv`), never held.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from auditor.baseline.baseline import Baseline
from auditor.errors import AuditorError
from auditor.findings import Finding, RuleInfo, State
from auditor.findings_csv import read_findings, write_findings
from auditor.history.confirming import Confirming, confirmed
from auditor.history.evidence import Evidence
from auditor.history.instants import NIGHT, instant, micros
from auditor.history.past import PAGE, History, Past
from auditor.history.tally import EXIT_CLEAN, EXIT_FINDINGS, Tally, Threshold
from auditor.record import Run
from auditor.runs.folder import FIXED
from auditor.runs.looked import FILENAME as LOOKED
from auditor.runs.states import FILENAME as STATES
from auditor.runs.states import with_states, write_states
from auditor.text import isoformat


@dataclass(frozen=True)
class Annotated:
    """The run as reports get it. Its files lie in the staging folder."""

    summary: dict[str, Any]
    run: Run
    folder: Path
    confirming: Confirming

    @property
    def objects(self) -> Path:
        return self.run.objects

    def findings(self) -> Iterator[Finding]:
        return with_states(self.confirming.applied(self.run.findings()), self.folder / STATES)

    def fixed(self) -> Iterator[Finding]:
        path = self.folder / FIXED
        if path.exists():
            yield from (replace(finding, state=State.FIXED) for finding in read_findings(path))


@dataclass(frozen=True)
class Annotator:
    """What a run is seen beside; either may be None."""

    infos: Mapping[str, RuleInfo]
    history: History | None
    baseline: Baseline | None
    threshold: Threshold

    def __call__(self, run: Run, folder: Path) -> Run:
        """The run with its states; as it is where there is neither a history nor a baseline. Raises AuditorError."""
        if self.history is None and self.baseline is None:
            return run
        try:
            return _Annotation(self, run, folder).made()
        except sqlite3.Error as error:
            what = f"the run could not be compared with those before it ({error})"
            raise AuditorError(f"{what}: make room for temporary files, or scan with --history none") from error


class _Annotation:
    def __init__(self, beside: Annotator, run: Run, folder: Path) -> None:
        self._beside, self._run, self._folder = beside, run, folder
        self._started = micros(run.summary["started_at"])
        self._complete = bool(run.summary["complete"])
        self._confirming = Confirming(run.summary, beside.infos, folder / "units" / "confirmed")
        self._tally = Tally(beside.infos, beside.threshold)
        self._unseen = 0

    def made(self) -> Annotated:
        history, baseline = self._beside.history, self._beside.baseline
        if baseline is not None and baseline.has_groups:
            baseline.measure(self._run.findings())
        if history is not None:
            history.begin()
        write_states(self._with_confirmed_noted(), self._folder / STATES)
        if history is not None:
            with (self._folder / FIXED).open("w", encoding="utf-8", newline="") as file:
                file.writelines(write_findings(self._fixed(history)))
        return Annotated(self._summary(history, baseline), self._run, self._folder, self._confirming)

    def _with_confirmed_noted(self) -> Iterator[Finding]:
        with self._confirming.noting() as note:
            for place, (finding, past) in enumerate(self._looked_up()):
                missed_at = self._confirming.missed_at(finding, past)
                if missed_at is not None:
                    note(place, missed_at)
                final = finding if missed_at is None else confirmed(finding, missed_at)
                self._tally.add(final)
                yield final

    def _looked_up(self) -> Iterator[tuple[Finding, Past | None]]:
        rest = self._run.findings()
        while page := list(islice(rest, PAGE)):
            known = self._known(page)
            reasons = self._beside.baseline.reasons(page) if self._beside.baseline else [None] * len(page)
            for finding, why in zip(page, reasons, strict=True):
                past = known.get(finding.fingerprint)
                yield replace(finding, suppressed=why, **self._state(past)), past

    def _known(self, page: list[Finding]) -> dict[str, Past]:
        history = self._beside.history
        if history is None:
            return {}
        known = history.look_up([finding.fingerprint for finding in page])
        history.saw(past.id for past in known.values() if past.open)
        return known

    def _state(self, past: Past | None) -> dict[str, Any]:
        """What was fixed and is found again is new again, and was first seen when it was."""
        if self._beside.history is None:
            return {}
        first = instant(self._started if past is None else past.first_seen)
        if past is None or not past.open:
            return {"state": State.NEW, "first_seen": first, "nights": 1}
        another = self._complete and self._started - past.night_at >= NIGHT
        return {"state": State.KNOWN, "first_seen": first, "nights": past.nights + another}

    def _fixed(self, history: History) -> Iterator[Finding]:
        evidence = Evidence(self._run.summary, self._beside.infos, self._run.objects, self._folder / LOOKED)
        if not self._recorded(history):
            return
        self._unseen = history.count_unseen(evidence.prefix)
        for finding, past in history.unseen(evidence.prefix, evidence.infos):
            if evidence.looked_again(finding.rule, finding.key, depth=past.depth, horizon=past.horizon):
                self._tally.add(replace(finding, state=State.FIXED))
                self._unseen -= 1
                yield finding

    def _recorded(self, history: History) -> bool:
        newest = history.newest()
        return self._complete and (newest is None or micros(newest.started_at) < self._started)

    def _summary(self, history: History | None, baseline: Baseline | None) -> dict[str, Any]:
        summary, threshold = self._run.summary, self._beside.threshold
        return {
            **summary,
            "rules": self._tally.counted(summary["rules"]),
            "history": None if history is None else self._described(history),
            "baseline": None if baseline is None else baseline.described(),
            "exit_code": self._exit_code(),
            "fail_on": None if threshold.every is None else str(threshold.every),
            "fail_on_new": None if threshold.new is None else str(threshold.new),
        }

    def _exit_code(self) -> int:
        """Incomplete wins over findings, and was said before."""
        if not self._complete:
            return int(self._run.summary["exit_code"])
        return EXIT_FINDINGS if self._tally.failing else EXIT_CLEAN

    def _described(self, history: History) -> dict[str, Any]:
        oldest, newest = history.oldest(), history.newest()
        previous = newest and {"run_id": newest.run_id, "started_at": isoformat(newest.started_at)}
        return {
            "since": isoformat(oldest.started_at) if oldest else None,
            "runs": len(history.runs()),
            "previous": previous,
            "recorded": self._recorded(history),
            "states": self._tally.states(),
            "rules": self._tally.rules(),
            "unseen": self._unseen,
        }
