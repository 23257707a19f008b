"""A dangling row is confirmed by a backup made after the night that first missed its object."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.findings import Finding, Severity, Status
from auditor.history.tally import Threshold
from auditor.text import isoformat
from tests.history.pretend import DAY, FIRST, HOUR, Pretended
from tests.reports.sample import finding

DANGLING = finding("REF002", "s3_files/audio/x", size=None, message="Its object is gone.")
MISSED = FIRST + HOUR / 2  # when the first run's listing ended


def rows(as_of: Any) -> dict[str, Any]:
    return {"source": "backup b", "as_of": as_of and isoformat(as_of), "count": 0, "skipped": []}


def night(nights: Pretended, as_of: Any, one: Finding = DANGLING) -> Finding:
    (told,) = nights.run(one, rows=rows(as_of)).findings()
    return told


@pytest.mark.parametrize(("later", "confirmed"), [(-HOUR, False), (0 * HOUR, False), (HOUR / 3600, True), (DAY, True)])
def test_a_later_backup_that_still_has_the_row_confirms(tmp_path: Path, later: Any, confirmed: bool) -> None:
    nights = Pretended(tmp_path)
    assert night(nights, FIRST - HOUR).status is Status.SNAPSHOT
    second = night(nights, MISSED + later)
    assert second.fingerprint == DANGLING.fingerprint
    assert second.status is (Status.CONFIRMED if confirmed else Status.SNAPSHOT)
    said = " It has been missed since 2026-11-01T04:00:00Z, and this later backup still has the row."
    assert second.message == "Its object is gone." + (said if confirmed else "")


def test_a_confirmed_row_counts(tmp_path: Path) -> None:
    nights = Pretended(tmp_path, threshold=Threshold(Severity.ERROR))
    codes, counted = [], []
    for as_of in (FIRST - HOUR, FIRST - HOUR, MISSED + HOUR):
        run = nights.run(DANGLING, rows=rows(as_of))
        codes.append(run.summary["exit_code"])
        counted.append(run.summary["rules"]["REF002"]["counted"])
    assert (codes, counted) == ([0, 0, 1], [0, 0, 1])


def test_another_row_at_the_same_key_begins_anew(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    night(nights, FIRST - HOUR)
    other = replace(DANGLING, row_uid="oseh_s3f_another")
    assert night(nights, FIRST + DAY - HOUR, other).status is Status.SNAPSHOT
    assert night(nights, FIRST + 1.5 * DAY, other).status is Status.CONFIRMED
    assert night(nights, FIRST + 2.5 * DAY, replace(DANGLING, row_uid=None)).status is Status.SNAPSHOT


def test_an_object_that_was_there_in_between_begins_anew(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    night(nights, FIRST - HOUR)
    nights.run(rows=rows(FIRST + DAY / 2))
    assert night(nights, FIRST + DAY).status is Status.SNAPSHOT, "that backup is older than the new loss"
    assert night(nights, FIRST + 2.5 * DAY).status is Status.CONFIRMED


def test_a_partial_night_misses_nothing(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(DANGLING, rows=rows(FIRST - HOUR), complete=False, exit_code=3)
    assert night(nights, MISSED + HOUR).status is Status.SNAPSHOT


def test_only_what_waits_for_a_backup_is_confirmed(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    orphan = finding("REF001", "s3_files/audio/y", row_uid="oseh_s3f_y")
    night(nights, FIRST - HOUR, orphan)
    assert night(nights, FIRST + DAY / 2, orphan).status is Status.SNAPSHOT


def test_the_record_holds_the_same_and_the_confirmed_stand_among_others(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    many = [replace(finding("REF002", f"k{number}", size=None), row_uid=f"u{number}") for number in range(7)]
    nights.run(*many[::2], rows=rows(FIRST - HOUR))
    run = nights.run(*many, rows=rows(FIRST + DAY / 2))
    assert [found.status for found in run.findings()] == [Status.CONFIRMED, Status.SNAPSHOT] * 3 + [Status.CONFIRMED]
