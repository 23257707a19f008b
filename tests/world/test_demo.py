"""The demo's own part: its folder, its environment, what it makes of an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world import demo


@pytest.mark.parametrize(("code", "told"), [(0, 1), (1, 0), (2, 2), (3, 3), (-9, -9)])
def test_only_findings_are_a_success(code: int, told: int) -> None:
    assert demo.verdict(code, True) == told


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_without_a_report_nothing_is(code: int) -> None:
    assert demo.verdict(code, False) != 0


def test_the_child_sees_no_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("PATH", "/somewhere")
    environment = demo._environment()
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "testing"
    assert environment["PATH"] == "/somewhere"


def test_the_folder_is_emptied_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    folder = tmp_path / "demo"
    (folder / "run").mkdir(parents=True)
    (folder / "run" / "report.html").write_text("yesterday")
    demo._empty(folder)
    assert list(folder.iterdir()) == []
    assert (tmp_path / "kept").read_text() == "kept"


def test_a_link_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "demo").symlink_to(tmp_path / "precious")
    with pytest.raises(SystemExit, match="move it away"):
        demo._empty(tmp_path / "demo")
    assert (tmp_path / "precious").is_dir()
