"""`--db`, or the environment in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanning import auditor

URL = "mysql://me:hunter2@127.0.0.1:1/service"


@pytest.fixture
def bucket(tmp_path: Path) -> str:
    (tmp_path / "bucket").mkdir()
    return f"file://{tmp_path / 'bucket'}"


def test_the_environment_stands_for_the_option(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a password is in no list of processes."""
    monkeypatch.setenv("AUDITOR_DB", URL)
    result = auditor("scan", bucket, "--out", str(tmp_path / "run"))
    assert result.exit_code == 2
    assert "mysql://127.0.0.1:1/service cannot be opened" in " ".join(result.output.split())
    assert "hunter2" not in result.output


def test_the_option_wins(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_DB", URL)
    assert auditor("scan", bucket, "--out", str(tmp_path / "run"), "--db", "none", "--select", "KEY").exit_code == 0


def test_the_help_does_not_show_what_the_environment_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    without = auditor("scan", "--help").stdout
    monkeypatch.setenv("AUDITOR_DB", URL)
    assert auditor("scan", "--help").stdout == without
    assert "AUDITOR_DB" in without
