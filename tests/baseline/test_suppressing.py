"""What a baseline takes out of the count."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from auditor.baseline.baseline import Baseline
from auditor.baseline.entries import Entry, Group, Single
from auditor.baseline.file import write_entries
from auditor.findings import Finding, Severity
from auditor.history.tally import Threshold
from auditor.runs.folder import RunFolder
from tests.history.pretend import FIRST, Pretended
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import finding

DAY = FIRST.date()


def single(found: Finding, reason: str = "agreed", expires: date | None = None) -> Single:
    return Single(found.rule, found.key, found.fingerprint, reason, DAY, expires)


def group(glob: str, at_most: int, rule: str = "KEY001", reason: str = "CI", expires: date | None = None) -> Group:
    return Group(rule, glob, at_most, reason, DAY, expires)


def run(tmp_path: Path, findings: list[Finding], *entries: Entry, threshold: Threshold | None = None) -> RunFolder:
    path = tmp_path / "baseline.jsonl"
    write_entries(entries, path)
    nights = Pretended(tmp_path, threshold=threshold or Threshold(Severity.WARNING))
    with closing(Baseline(path, DAY)) as baseline:
        return nights.run(*findings, baseline=baseline)


def reasons(made: RunFolder) -> dict[str, str | None]:
    return {found.key: found.suppressed for found in made.findings()}


A, B = finding("KEY001", "a"), finding("REF003", "b")


def test_what_is_suppressed_is_reported_and_does_not_count(tmp_path: Path) -> None:
    made = run(tmp_path, [A, B], single(A, "no harm"), single(finding("KEY001", "gone")))
    assert reasons(made) == {"a": "no harm", "b": None}
    assert made.summary["findings"] == {"KEY001": 1, "REF003": 1}
    assert {code: made.summary["rules"][code]["counted"] for code in ("KEY001", "REF003")} == {"KEY001": 0, "REF003": 1}
    assert made.summary["history"]["states"] == {"new": 1, "known": 0, "fixed": 0}
    assert made.summary["baseline"] == {
        "file": str(tmp_path / "baseline.jsonl"),
        "entries": 2,
        "suppressed": {"KEY001": 1},
        "expired": 0,
        "unused": 1,
        "exceeded": [],
    }


@pytest.mark.parametrize("threshold", [Threshold(Severity.WARNING), Threshold(None, Severity.WARNING)])
def test_what_is_suppressed_fails_nothing(tmp_path: Path, threshold: Threshold) -> None:
    assert run(tmp_path, [A], threshold=threshold).summary["exit_code"] == 1
    (tmp_path / "again").mkdir()
    assert run(tmp_path / "again", [A], single(A), threshold=threshold).summary["exit_code"] == 0


@pytest.mark.parametrize(("expires", "held"), [(date(2026, 10, 31), False), (DAY, True), (date(2026, 11, 2), True)])
def test_an_entry_holds_through_its_last_day(tmp_path: Path, expires: date, held: bool) -> None:
    made = run(tmp_path, [A, B], single(A, expires=expires), group("*", 9, "REF003", expires=expires))
    assert reasons(made) == ({"a": "agreed", "b": "CI"} if held else {"a": None, "b": None})
    said = made.summary["baseline"]
    assert (said["expired"], said["unused"]) == ((0, 0) if held else (2, 0))


def test_a_group_suppresses_up_to_its_number_and_beyond_it_nothing(tmp_path: Path) -> None:
    builds = [finding("KEY001", f"builds/{number}/x") for number in range(3)]
    others = [finding("KEY001", "build"), finding("REF003", "builds/1/x")]
    made = run(tmp_path, builds + others, group("builds/*", 3))
    assert [found.key for found in made.findings() if found.suppressed == "CI"] == [found.key for found in builds]
    assert made.summary["baseline"]["suppressed"] == {"KEY001": 3}
    (tmp_path / "again").mkdir()
    made = run(tmp_path / "again", builds + others, group("builds/*", 2), single(builds[1]))
    assert [found.suppressed for found in made.findings() if found.suppressed] == ["agreed"]
    exceeded = [{"rule": "KEY001", "glob": "builds/*", "at_most": 2, "matched": 3}]
    assert made.summary["baseline"]["exceeded"] == exceeded


def test_globs_are_those_of_the_bindings(tmp_path: Path) -> None:
    keys = ["[a]/1", "a/1", "[a]/22"]
    made = run(tmp_path, [finding("KEY001", key) for key in keys], group("[a]/?", 5))
    assert reasons(made) == {"[a]/1": "CI", "a/1": None, "[a]/22": None}


def test_hostile_keys_are_found(tmp_path: Path) -> None:
    found = [finding("KEY001", key) for key in HOSTILE_KEYS]
    assert set(reasons(run(tmp_path, found, *map(single, found))).values()) == {"agreed"}


def test_a_baseline_needs_no_history(tmp_path: Path) -> None:
    path = tmp_path / "baseline.jsonl"
    write_entries([single(A)], path)
    nights = Pretended(tmp_path, with_history=False)
    with closing(Baseline(path, DAY)) as baseline:
        made = nights.run(A, B, baseline=baseline)
    assert (reasons(made), made.summary["history"]) == ({"a": "agreed", "b": None}, None)
    assert not (made.folder / "fixed.csv").exists()
