"""Formats on request: by `auditor scan`, and from a run folder by `auditor report`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.plugins import default_formats, load_reports
from auditor.runs.states import write_states
from reports.csv import CsvReport, FixedCsv
from reports.json import JsonReport
from tests.reports.nights import history_run
from tests.scanning import auditor

FILES = {
    "fixed": "fixed.csv",
    "jsonl": "findings.jsonl",
    "junit": "junit.xml",
    "markdown": "summary.md",
    "new": "new.csv",
    "sarif": "report.sarif",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run with a history, as the record is written."""
    run, folder = history_run(), tmp_path / "run"
    folder.mkdir()
    for report in (JsonReport(), CsvReport(), FixedCsv()):
        assert report.filename
        with (folder / report.filename).open("w", encoding="utf-8", newline="") as file:
            file.writelines(report.render(run))
    write_states(run.findings(), folder / "states.parquet")
    return folder


def test_a_run_leaves_the_formats_that_are_not_on_request() -> None:
    assert default_formats() == ["csv", "html", "json", "terminal"]
    assert set(load_reports()) - set(default_formats()) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_format_is_made_from_a_run_folder(name: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "made"
    result = auditor("report", str(folder), "--format", name, "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, f"{out / FILES[name]}\n")
    assert [path.name for path in out.iterdir()] == [FILES[name]]


def test_states_reach_a_report_that_is_made_later(folder: Path) -> None:
    auditor("report", str(folder), "--format", "jsonl")
    lines = [json.loads(line) for line in (folder / "findings.jsonl").read_text("utf-8").splitlines()]
    states = [line["state"] for line in lines]
    assert [states.count(name) for name in ("new", "known", "fixed")] == [3, 8, 2]
    assert [line["key"] for line in lines if line["suppressed"]] == ["builds/frontend/build.tar.gz"]
    shown = auditor("report", str(folder)).stdout
    assert shown.startswith("COMPLETE: 3 new and 2 fixed since 2026-03-13 03:30 UTC, 7 known (exit code 1).\n")


RECORD = ("looked.parquet", "objects.parquet", "states.parquet")


def test_a_scan_writes_what_is_asked_for_and_the_record(tmp_path: Path) -> None:
    (tmp_path / "bucket" / "nowhere").mkdir(parents=True)
    (tmp_path / "bucket" / "nowhere" / "x").write_text("x")
    formats = [argument for name in FILES for argument in ("--format", name)]
    arguments = ("--db", "none", "--settle", "0s", "--min-age", "0s", "--out", str(tmp_path / "out"))
    result = auditor("scan", (tmp_path / "bucket").as_uri(), *arguments, *formats)
    assert result.exit_code == 1, result.stderr
    wanted = {*FILES.values(), "findings.csv", "summary.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*wanted, *RECORD}
    assert sorted(result.stdout.splitlines()) == sorted(f"wrote {tmp_path / 'out' / name}" for name in wanted)
    log = json.loads((tmp_path / "out" / "report.sarif").read_text("utf-8"))
    rules = {rule["id"]: rule["name"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["KEY001"] == "unknown-prefix"
    assert rules["KEY003"] == "invalid-field", "a rule that looked and found nothing has its name"
