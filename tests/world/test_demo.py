"""The demo's own part: its folder, its environment, what it makes of an exit code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.world import demo
from tests.world.builder import build
from tests.world.day import STATISTICS, TIDIED, a_day_later
from tests.world.ledger import DAY
from tests.world.serve import serve


@pytest.mark.parametrize(("code", "told"), [(0, 1), (1, 0), (2, 2), (3, 3), (-9, -9)])
def test_only_findings_are_a_success(code: int, told: int) -> None:
    assert demo.verdict(code, True) == told


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_without_a_report_nothing_is(code: int) -> None:
    assert demo.verdict(code, False) != 0


def test_the_child_sees_no_real_credentials_and_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AUDITOR_DB", "postgresql://ours/service")
    monkeypatch.setenv("PATH", "/somewhere")
    environment = demo._environment()
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "testing"
    assert "AUDITOR_DB" not in environment
    assert environment["AUDITOR_ISOLATED"] == "1"
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


def test_the_server_says_that_it_is_last_night_and_then_that_it_is_now() -> None:
    now = datetime.now(UTC)
    with serve(build(3, 290, now=now, bucket="clock")) as served:
        with demo._clock(now - demo.A_DAY):
            assert _said(served.endpoint_url) == (now - demo.A_DAY).replace(microsecond=0)
        assert abs(_said(served.endpoint_url) - now) < timedelta(minutes=5)


def _said(url: str) -> datetime:
    with urlopen(url) as answer:  # noqa: S310 - our own server
        return parsedate_to_datetime(answer.headers["Date"])


def test_a_day_leaves_in_the_bucket_what_it_says() -> None:
    now = datetime.now(UTC)
    world = build(4, 290, now=now - demo.A_DAY, bucket="day")
    with serve(world) as served:
        before = set(served.backend.get_bucket("day").keys)
        said = list(a_day_later(world, served))
        after = served.backend.get_bucket("day").keys
        gone, come = before - set(after), set(after) - before
        assert {key.rpartition("/")[0] for key in come} == {
            "s3_files/backup/database",
            "s3_files/backup/redis",
            "s3_files/statistics",
        }
        assert len(come) == STATISTICS + 4
        assert len(gone) == TIDIED + 1
        assert len(gone & set(world.planted["orphan"])) == TIDIED
        assert sum(key in sentence for key in gone for sentence in said) == 1
        moments = [after[key].last_modified.replace(tzinfo=UTC) for key in come]
        assert all(now - timedelta(seconds=DAY) < moment < now for moment in moments)
    assert world.now == now.replace(microsecond=0)
