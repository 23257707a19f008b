"""`auditor scan` from night to night: the options about history and baseline, and what a killed night leaves."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.history import Beside
from tests.scanning import Scanned, auditor, scan


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    (folder / "strange").mkdir(parents=True)
    (folder / "strange" / "a").write_text("a")
    return folder


def night(bucket: Path, name: str, *arguments: str) -> Scanned:
    select = ["--select", "KEY001", "--no-content", "--db", "none", "--format", "terminal"]
    return scan([f"file://{bucket}"], bucket.parent / "audits" / name, *select, *arguments)


def states(run: Scanned) -> dict[str, Any]:
    states: dict[str, Any] = run.summary["history"]["states"]
    return states


def test_three_nights(bucket: Path) -> None:
    assert states(night(bucket, "1")) == {"new": 1, "known": 0, "fixed": 0}
    (bucket / "strange" / "b").write_text("b")
    assert states(night(bucket, "2")) == {"new": 1, "known": 1, "fixed": 0}
    (bucket / "strange" / "a").unlink()
    third = night(bucket, "3")
    assert states(third) == {"new": 0, "known": 1, "fixed": 1}
    assert (third.out / "fixed.csv").read_text().count("strange/a") >= 1
    assert {path.name for path in third.out.parent.iterdir()} == {"1", "2", "3", "history.sqlite"}


def test_a_run_on_record_from_the_future_is_said(bucket: Path) -> None:
    """A clock was wrong once, and since then no run can change what is on record."""
    first = night(bucket, "1")
    assert "after this one" not in first.stderr
    with closing(sqlite3.connect(bucket.parent / "audits" / "history.sqlite")) as history, history:
        history.execute("UPDATE runs SET started_at = started_at + 86400 * 365 * 1000000")
    second = night(bucket, "2")
    assert "has a run that began at 20" in second.stderr
    assert "after this one, which so changes nothing in it: if a clock was wrong, move the history" in second.stderr
    assert not second.summary["history"]["recorded"]
    assert "this run began before the last one on record and changes no state" in " ".join(second.stdout.split())


def test_no_history(bucket: Path) -> None:
    run = night(bucket, "1", "--history", "none")
    assert run.summary["history"] is None
    assert not (run.out / "states.parquet").exists()
    assert [path.name for path in run.out.parent.iterdir()] == ["1"]
    refused = auditor("scan", f"file://{bucket}", "--db", "none", "--history", "none", "--fail-on-new", "info")
    assert refused.exit_code == 2
    assert "--fail-on-new needs to know what is new" in refused.stderr


def test_a_history_elsewhere(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_HISTORY", str(bucket.parent / "elsewhere" / "h.sqlite"))
    night(bucket, "1")
    assert states(night(bucket, "2"))["known"] == 1
    assert (bucket.parent / "elsewhere" / "h.sqlite").exists()


def test_which_nights_fail(bucket: Path) -> None:
    assert night(bucket, "1", "--fail-on-new", "warning").code == 1
    assert night(bucket, "2", "--fail-on-new", "warning").code == 0
    assert night(bucket, "3", "--fail-on-new", "error", "--fail-on", "warning").code == 1
    (bucket / "strange" / "b").write_text("b")
    assert night(bucket, "4", "--fail-on-new", "warning").code == 1


def test_a_night_that_was_killed_before_it_was_recorded_is_caught_up_with(
    bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Beside, "remember", lambda self, run: None)
        killed = night(bucket, "1")
    assert not (killed.out.parent / "history.sqlite").exists()
    second = night(bucket, "2")
    assert states(second)["known"] == 1
    assert second.summary["history"]["previous"]["run_id"] == killed.summary["run_id"]


def test_a_damaged_run_beside_is_told_and_does_no_harm(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Beside, "remember", lambda self, run: None)
        killed = night(bucket, "1")
    (killed.out / "findings.csv").write_text("")
    second = night(bucket, "2")
    assert states(second)["new"] == 1
    assert f"auditor: the run {killed.out} is not in the history: " in second.stderr


def test_what_is_no_history_starts_nothing(bucket: Path) -> None:
    path = bucket.parent / "h"
    path.write_text("x" * 100)
    result = auditor("scan", f"file://{bucket}", "--out", str(bucket.parent / "o" / "1"), "--history", str(path))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"auditor: {path} cannot be used as the history (file is not a database): name ")
    assert list((bucket.parent / "o").iterdir()) == []


def test_a_baseline(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bucket.parent / "baseline.jsonl"
    group = {"rule": "KEY001", "glob": "strange/*", "at_most": 1, "reason": "CI", "added": "2026-11-29"}
    old = group | {"glob": "old/*", "expires": "2020-01-01"}
    file.write_text("".join(json.dumps(entry) + "\n" for entry in (group, old)))
    monkeypatch.setenv("AUDITOR_BASELINE", str(file))
    first = night(bucket, "1")
    assert (first.code, first.summary["baseline"]["suppressed"]) == (0, {"KEY001": 1})
    assert first.stderr.endswith("auditor: entries of the baseline that have expired: 1; they suppress nothing\n")
    (bucket / "strange" / "b").write_text("b")
    second = night(bucket, "2")
    assert (second.code, second.summary["baseline"]["suppressed"]) == (1, {})
    told = "the baseline allows 1 findings of KEY001 at strange/*, there are 2: it suppresses none of them"
    assert f"auditor: {told}\n" in second.stderr
