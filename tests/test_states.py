"""What a run folder knows of the runs before it: states beside the findings, and what is fixed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.findings import Finding, State
from auditor.findings_csv import write_findings
from auditor.runs.folder import open_run
from auditor.runs.states import write_states
from tests.reports.sample import finding

SEEN = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


def folder_of(tmp_path: Path, findings: list[Finding], fixed: list[Finding]) -> Path:
    counts: dict[str, int] = {}
    for found in findings:
        counts[found.rule] = counts.get(found.rule, 0) + 1
    summary = {"schema_version": 1, "findings": counts, "history": {"states": {"fixed": len(fixed)}}}
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    for name, held in (("findings.csv", findings), ("fixed.csv", fixed)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(write_findings(held))
    return tmp_path


def test_states_come_back_beside_their_findings(tmp_path: Path) -> None:
    new = replace(finding("REF001", "a"), state=State.NEW, first_seen=SEEN, nights=1)
    known = replace(finding("KEY001", "b"), state=State.KNOWN, first_seen=SEEN, nights=7, suppressed="agreed")
    folder = folder_of(tmp_path, [new, known], [finding("REF001", "c")])
    write_states([new, known], folder / "states.parquet")
    run = open_run(folder)
    assert list(run.findings()) == [new, known]
    assert list(run.fixed()) == [replace(finding("REF001", "c"), state=State.FIXED)]


def test_a_run_without_states_has_none(tmp_path: Path) -> None:
    assert list(open_run(folder_of(tmp_path, [finding("REF001", "a")], [])).findings()) == [finding("REF001", "a")]


def test_states_of_another_run_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [finding("REF001", "a")], [])
    write_states([finding("REF001", "b")], folder / "states.parquet")
    with pytest.raises(CannotStart, match="not of the same run"):
        list(open_run(folder).findings())
