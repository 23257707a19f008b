"""Dangling rows that a second backup confirms.

A backup that lacks nothing but an object may simply be older than the object's deletion, so such a finding is a
`snapshot` and does not count. It is confirmed when the rows of this run are of a backup made after the end of the
listing that first missed the object, and the same row is still in it: whoever deleted the object left the row behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.findings import Evidence, Finding, RuleInfo, Status
from auditor.history.instants import instant, micros
from auditor.history.past import Past
from auditor.text import isoformat


class Confirming:
    """Decides, and keeps on disk which findings (by their place in the run) are confirmed and since when."""

    def __init__(self, summary: Mapping[str, Any], infos: Mapping[str, RuleInfo], path: Path) -> None:
        as_of = summary["rows"]["as_of"]
        self._as_of = None if as_of is None else micros(as_of)
        self._codes = {code for code, info in infos.items() if _waits(info)}
        self._path = path

    def missed_at(self, finding: Finding, past: Past | None) -> datetime | None:
        """Since when the object is known to be missing, if that confirms the finding."""
        if self._as_of is None or past is None or not past.open or finding.rule not in self._codes:
            return None
        same = finding.row_uid is not None and finding.row_uid == past.row_uid
        if finding.status is not Status.SNAPSHOT or not same or past.missed_at >= self._as_of:
            return None
        return instant(past.missed_at)

    @contextmanager
    def noting(self) -> Iterator[Callable[[int, datetime], None]]:
        """Takes places and times, in order of the places."""
        with self._path.open("w", encoding="ascii") as file:

            def note(place: int, moment: datetime) -> None:
                file.write(f"{place} {micros(moment)}\n")

            yield note

    def applied(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """All findings of the run, in order, with the confirmed ones saying so."""
        with self._path.open(encoding="ascii") as file:
            following = _next(file)
            for place, finding in enumerate(findings):
                if following is None or following[0] != place:
                    yield finding
                else:
                    yield confirmed(finding, following[1])
                    following = _next(file)


def confirmed(finding: Finding, missed_at: datetime) -> Finding:
    since = isoformat(missed_at.replace(microsecond=0))
    message = f"{finding.message} It has been missed since {since}, and this later backup still has the row."
    return replace(finding, status=Status.CONFIRMED, message=message)


def _waits(info: RuleInfo) -> bool:
    return info.evidence is Evidence.ABSENCE and not info.snapshot_counts


def _next(lines: Iterator[str]) -> tuple[int, datetime] | None:
    line = next(lines, None)
    if line is None:
        return None
    place, moment = line.split()
    return int(place), instant(int(moment))
