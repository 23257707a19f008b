"""Which old runs go, and that nothing else ever does."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.nightly import Age
from auditor.runs.folder import open_run
from auditor.runs.leftovers import remove_halves
from auditor.runs.names import partial_affixes, removing_name
from auditor.runs.retention import Keep, remove_old
from auditor.text import isoformat

BUCKET = "s3://one"
WRITTEN = {"summary.json", "findings.csv", "objects.parquet", "report.html"}
LAST = datetime.fromisoformat("2026-11-20T03:30:00Z")


def run(runs: Path, days: int, **changes: Any) -> Path:
    """A run that began so many days before the newest."""
    folder = runs / f"{days:02}-days"
    folder.mkdir()
    began = isoformat(LAST - timedelta(days=days))
    summary = {"schema_version": 1, "bucket": BUCKET, "prefix": "", "started_at": began, "complete": True, **changes}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    for name in WRITTEN - {"summary.json"}:
        (folder / name).write_bytes(b"x")
    return folder


def removed(runs: Path, keep: Keep, newest: int = 0) -> list[str]:
    return list(remove_old(open_run(runs / f"{newest:02}-days"), BUCKET, keep, WRITTEN))


def left(runs: Path) -> list[str]:
    return sorted(path.name for path in runs.iterdir())


def days(*numbers: int) -> list[str]:
    return [f"{number:02}-days" for number in numbers]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (Keep(), [0, 1, 2, 9, 40]),
        (Keep(runs=1), [0]),
        (Keep(runs=3), [0, 1, 2]),
        (Keep(runs=99), [0, 1, 2, 9, 40]),
        (Keep(age=timedelta(days=2)), [0, 1, 2]),
        (Keep(age=timedelta(0)), [0]),
        (Keep(runs=2, age=timedelta(days=9)), [0, 1, 2, 9]),
        (Keep(runs=4, age=timedelta(days=1)), [0, 1, 2, 9]),
    ],
)
def test_a_run_is_kept_if_either_says_so(tmp_path: Path, keep: Keep, kept: list[int]) -> None:
    for number in (0, 1, 2, 9, 40):
        run(tmp_path, number)
    sentences = removed(tmp_path, keep)
    assert left(tmp_path) == days(*kept)
    assert len(sentences) == 5 - len(kept)


def test_the_newest_complete_run_is_always_kept(tmp_path: Path) -> None:
    for number in range(6):
        run(tmp_path, number, complete=number > 3)
    removed(tmp_path, Keep(runs=2))
    assert left(tmp_path) == days(0, 1, 4)


def test_runs_of_other_buckets_and_prefixes_are_no_business_of_ours(tmp_path: Path) -> None:
    run(tmp_path, 0)
    run(tmp_path, 1, bucket="s3://two")
    run(tmp_path, 2, prefix="images/")
    run(tmp_path, 3)
    removed(tmp_path, Keep(runs=1))
    assert left(tmp_path) == days(0, 1, 2)


def test_a_folder_with_anything_else_in_it_stays(tmp_path: Path) -> None:
    run(tmp_path, 0)
    (run(tmp_path, 1) / "notes.txt").write_bytes(b"mine")
    (run(tmp_path, 2) / "plan").mkdir()
    linked = run(tmp_path, 3)
    (linked / "report.html").unlink()
    (linked / "report.html").symlink_to(tmp_path / "elsewhere")
    hidden = run(tmp_path, 4)
    (hidden / "objects.parquet").unlink()
    (hidden / "objects.parquet").mkdir()
    run(tmp_path, 5)
    sentences = removed(tmp_path, Keep(runs=1))
    assert left(tmp_path) == days(0, 1, 2, 3, 4)
    assert [sentence for sentence in sentences if "'notes.txt', which is of no run" in sentence]
    assert sum("is kept" in sentence for sentence in sentences) == 4


def test_a_link_to_a_run_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "archive").mkdir()
    run(tmp_path / "runs", 0)
    precious = run(tmp_path / "archive", 9)
    (tmp_path / "runs" / "link").symlink_to(precious)
    assert removed(tmp_path / "runs", Keep(runs=1)) == []
    assert (tmp_path / "runs" / "link").is_symlink()
    assert len(list(precious.iterdir())) == len(WRITTEN)


@pytest.mark.parametrize(
    "summary",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema_version": 2}',
        b'{"schema_version": 1}',
        b'{"schema_version": 1, "bucket": "s3://one", "prefix": "", "started_at": 5, "complete": true}',
        b'{"schema_version": 1, "bucket": "s3://one", "prefix": "", "started_at": "yesterday", "complete": true}',
        b"\xff" * 50,
    ],
)
def test_what_cannot_be_read_is_kept_and_said(tmp_path: Path, summary: bytes) -> None:
    run(tmp_path, 0)
    (run(tmp_path, 9) / "summary.json").write_bytes(summary)
    [sentence] = removed(tmp_path, Keep(runs=1))
    assert "its summary cannot be read" in sentence
    assert left(tmp_path) == days(0, 9)


def test_what_is_no_run_is_passed_over(tmp_path: Path) -> None:
    run(tmp_path, 0)
    (tmp_path / "contents.sqlite").write_bytes(b"x")
    (tmp_path / "photos").mkdir()
    (tmp_path / ".hidden").mkdir()
    run(tmp_path, 9).rename(tmp_path / ".hidden" / "run")
    before = left(tmp_path)
    assert removed(tmp_path, Keep(runs=1)) == []
    assert left(tmp_path) == before


def test_one_that_cannot_be_removed_is_said_and_the_others_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (0, 1, 2):
        run(tmp_path, number)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == "01-days":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    sentences = removed(tmp_path, Keep(runs=1))
    assert left(tmp_path) == days(0, 1)
    assert "01-days cannot be removed (Permission denied): remove it by hand" in sentences[0]


def test_a_folder_that_nobody_may_look_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, 0)
    closed = run(tmp_path, 9)

    def forbidden(call: Any) -> Any:
        def guarded(path: Path, *arguments: Any, **extra: Any) -> Any:
            if path.is_relative_to(closed) and path != closed:
                raise PermissionError(13, "Permission denied")
            return call(path, *arguments, **extra)

        return guarded

    for name in ("read_text", "exists", "iterdir"):
        monkeypatch.setattr(Path, name, forbidden(getattr(Path, name)))
    assert removed(tmp_path, Keep(runs=1)) == []
    monkeypatch.undo()
    assert left(tmp_path) == days(0, 9)


class Killed(BaseException):
    """What kill -9 does to the rest of a function."""


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_kill_half_way_leaves_no_half_run_with_a_good_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Every file that is removed is a moment to be killed at."""
    run(tmp_path, 0)
    run(tmp_path, 1)
    unlink, done = os.unlink, []

    def until(*arguments: Any, **extra: Any) -> None:
        if len(done) == after:
            raise Killed
        done.append(unlink(*arguments, **extra))

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", until)
        with pytest.raises(Killed):
            removed(tmp_path, Keep(runs=1))
    for path in tmp_path.iterdir():
        assert path.name.startswith(".") or {each.name for each in path.iterdir()} == WRITTEN
    [sentence] = remove_halves(tmp_path, BUCKET)
    assert "removed the half-removed run .01-days." in sentence
    assert left(tmp_path) == days(0)


def test_halves_of_other_buckets_and_strangers_stay(tmp_path: Path) -> None:
    begin, end = partial_affixes("run", BUCKET)
    (tmp_path / f"{begin}abcd_123{end}" / "units").mkdir(parents=True)
    (tmp_path / removing_name("old", BUCKET)).mkdir()
    begin, end = partial_affixes("run", "s3://two")
    theirs = {f"{begin}abcd_123{end}", removing_name("old", "s3://two"), ".run.partial", "run.partial", ".x.removing"}
    for name in theirs:
        (tmp_path / name).mkdir()
    (tmp_path / removing_name("link", BUCKET)).symlink_to(tmp_path / ".run.partial")
    theirs.add(next(path.name for path in tmp_path.iterdir() if path.is_symlink()))
    assert len(list(remove_halves(tmp_path, BUCKET))) == 2
    assert set(left(tmp_path)) == theirs


def test_a_half_that_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / removing_name("old", BUCKET)).mkdir()
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    [sentence] = remove_halves(tmp_path, BUCKET)
    assert "cannot be removed: remove it by hand" in sentence


@pytest.mark.parametrize(
    ("text", "age"), [("30", timedelta(days=30)), ("12h", timedelta(hours=12)), ("7d", timedelta(7))]
)
def test_a_bare_number_of_keep_days_is_days(text: str, age: timedelta) -> None:
    assert Age().convert(text, None, None) == age
