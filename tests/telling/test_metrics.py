"""The textfile, parsed back."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from auditor.telling.metrics import OfAnother, Unreadable, registry_of, write_metrics
from tests.reports.sample import SampleRun, clean_run, incomplete_run, sample_run
from tests.telling.runs import changed_run, compared_run

Series = dict[tuple[str, ...], float]


def parsed(text: str) -> dict[str, Series]:
    """By name; a series is the values of its labels in the order of their names."""
    found: dict[str, Series] = {}
    for family in text_string_to_metric_families(text):
        assert (family.type, bool(family.documentation)) == ("gauge", True)
        for sample in family.samples:
            values = tuple(sample.labels[name] for name in sorted(sample.labels))
            series = found.setdefault(sample.name, {})
            assert values not in series, "a series twice makes node_exporter drop the whole file"
            series[values] = sample.value
    return found


def written(summary: dict[str, Any], path: Path) -> dict[str, Series]:
    write_metrics(summary, path)
    assert [each.name for each in path.parent.iterdir()] == [path.name], "nothing is left beside it"
    return parsed(path.read_text(encoding="utf-8"))


def unix(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


RUN = ("s3://oseh", "")
ENDED = unix("2026-03-14T03:32:05.250000Z")
SUCCESS = "auditor_last_success_timestamp_seconds"


def test_a_clean_night_is_told_too(tmp_path: Path) -> None:
    found = written(clean_run().summary, tmp_path / "auditor.prom")
    assert found["auditor_last_run_timestamp_seconds"] == {RUN: ENDED}
    assert found[SUCCESS] == {RUN: ENDED}
    assert found["auditor_run_duration_seconds"] == {RUN: 125.25}
    assert found["auditor_run_exit_code"] == {RUN: 0}
    assert found["auditor_run_complete"] == {RUN: 1}
    assert found["auditor_oldest_verification_timestamp_seconds"] == {RUN: unix("2026-02-11T03:30:00Z")}
    assert found["auditor_backup_timestamp_seconds"] == {RUN: unix("2026-03-14T02:30:00Z")}
    assert set(found["auditor_findings"].values()) == {0}


def test_objects_and_bytes_by_family_and_class(tmp_path: Path) -> None:
    summary = sample_run().summary
    found = written(summary, tmp_path / "auditor.prom")
    for name, unit in (("auditor_objects", "objects"), ("auditor_bytes", "bytes")):
        assert sum(found[name].values()) == summary["listing"][unit]
        for each, tally in summary["classes"].items():
            assert sum(value for labels, value in found[name].items() if labels[1] == each) == tally[unit]
        assert found[name][RUN[0], "unknown", "", ""] == summary["no_family"]["classes"]["unknown"][unit]


def test_findings_by_rule_severity_and_state(tmp_path: Path) -> None:
    found = written(changed_run().summary, tmp_path / "auditor.prom")["auditor_findings"]
    of = {labels[2:]: value for labels, value in found.items()}
    assert {state: of["REF001", "warning", state] for state in ("new", "known", "fixed", "suppressed")} == {
        "new": 5,
        "known": 4,
        "fixed": 0,
        "suppressed": 2,
    }
    assert of["REF003", "error", "fixed"] == 1
    assert of["EMB002", "error", "new"] == 0, "a series that is not there cannot be told from a broken exporter"


def test_without_a_history_findings_are_found(tmp_path: Path) -> None:
    found = written(sample_run().summary, tmp_path / "auditor.prom")["auditor_findings"]
    assert found[RUN[0], "", "REF001", "warning", "found"] == 6
    assert {labels[-1] for labels in found} == {"found", "suppressed"}


def test_half_an_audit_keeps_when_the_last_whole_one_was(tmp_path: Path) -> None:
    path = tmp_path / "auditor.prom"
    before = written(sample_run(ended_at="2026-03-13T03:32:00Z").summary, path)[SUCCESS]
    for _ in range(2):  # two bad nights in a row
        bad = written(incomplete_run().summary, path)
        assert bad[SUCCESS] == before == {RUN: unix("2026-03-13T03:32:00Z")}
        assert bad["auditor_last_run_timestamp_seconds"] == {RUN: ENDED}
        assert (bad["auditor_run_complete"], bad["auditor_run_exit_code"]) == ({RUN: 0}, {RUN: 3})
    assert written(clean_run().summary, path)[SUCCESS] == {RUN: ENDED}


@pytest.mark.parametrize("changes", [{"bucket": "s3://other"}, {"prefix": "images/"}])
@pytest.mark.parametrize("run", [clean_run(), incomplete_run()])
def test_the_file_of_another_bucket_or_prefix_stays(tmp_path: Path, changes: dict[str, Any], run: SampleRun) -> None:
    """As when somebody audits a prefix by hand with the settings of the nights."""
    path = tmp_path / "auditor.prom"
    written(sample_run(**changes).summary, path)
    before = path.read_bytes()
    with pytest.raises(OfAnother):
        write_metrics(run.summary, path)
    assert path.read_bytes() == before


def test_a_first_night_that_is_not_whole_claims_no_success(tmp_path: Path) -> None:
    assert SUCCESS not in written(incomplete_run().summary, tmp_path / "auditor.prom")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{{{ not metrics", b'auditor_x{a="b} 1\n', b"x y z\n"])
def test_a_file_of_somebody_else_is_replaced_and_the_loss_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "auditor.prom"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="it cannot be read"):
        write_metrics(incomplete_run().summary, path)
    assert parsed(path.read_text(encoding="utf-8"))["auditor_run_complete"] == {RUN: 0}


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "auditor.prom"
    written(clean_run().summary, path)
    before = path.read_bytes()

    def full(partial: Path, content: bytes) -> int:
        with partial.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            write_metrics(sample_run().summary, path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("auditor.prom", before)]


def test_the_collector_can_read_what_a_careful_service_writes(tmp_path: Path) -> None:
    path = tmp_path / "auditor.prom"
    before = os.umask(0o077)
    try:
        write_metrics(clean_run().summary, path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@settings(max_examples=25)
@given(st.text(), st.text(st.characters(codec=None)))
def test_any_name_of_a_family_comes_back(family: str, bucket: str) -> None:
    run: SampleRun = compared_run(bucket=bucket)
    tally = {"objects": 7, "bytes": 8}
    run.summary["families"] = {family or "x": {**tally, "classes": {"ok": tally}}}
    found = parsed(generate_latest(registry_of(run.summary, 1.0)).decode())
    exact = bucket.encode("utf-8", "backslashreplace").decode()
    assert found["auditor_objects"][exact, "ok", family or "x", ""] == 7
    assert found[SUCCESS] == {(exact, ""): 1.0}
