"""The history file: what is refused, what survives a crash, what two runs at once leave."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import AuditorError, CannotStart
from auditor.history.past import History
from auditor.history.record import NotRecorded, catch_up, record
from auditor.runs.folder import RunFolder
from tests.history.pretend import URL, Pretended, told
from tests.reports.sample import finding

A, B = finding("REF001", "a"), finding("REF001", "b")


def _text(path: Path) -> None:
    path.write_text("no database, but long enough to have a header that is looked at " * 20)


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE s3_files (key TEXT)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_text, "file is not a database"),
        (_foreign, "a database of something else"),
        (_newer, "of version 2, which this auditor does not know: use a newer one"),
        (_damaged, "cannot be used as the history"),
        (_folder, "cannot be used as the history"),
    ],
)
def test_what_is_no_history_is_refused_with_a_sentence(tmp_path: Path, harm: object, words: str) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    if harm is _foreign:
        nights.history.unlink()
    harm(nights.history)  # type: ignore[operator]
    with pytest.raises(CannotStart) as caught:
        History(nights.history, URL)
    assert words in str(caught.value)
    assert str(nights.history) in str(caught.value)


def test_the_file_is_made_by_the_first_run_that_is_recorded_for_its_owner_alone(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A, complete=False, exit_code=3)
    assert not nights.history.exists()
    nights.run(A)
    assert stat.S_IMODE(nights.history.stat().st_mode) == 0o600


def test_a_place_where_no_file_can_be_made_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be made there"):
        History(tmp_path / "file" / "history.sqlite", URL)


def test_a_full_disk_is_said_and_the_next_scan_catches_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    nights.remembering = False
    second = nights.run(A, B)
    with closing(History(nights.history, URL)) as history:

        def full(*_: object) -> None:
            history.connection.execute("ROLLBACK")  # as SQLite does by itself when it cannot write
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as patched:
            patched.setattr("auditor.history.record._values", full)
            with pytest.raises(NotRecorded, match=r"\(database or disk is full\)"):
                record(history, second)
        assert list(catch_up(history, tmp_path)) == []
        assert len(history.runs()) == 2


def test_runs_that_were_not_recorded_are_caught_up_with_in_order(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    nights.remembering = False
    nights.run(A, B)
    nights.run(A, complete=False, exit_code=3)
    nights.run(B)
    with closing(History(nights.history, URL)) as history:
        assert list(catch_up(history, tmp_path)) == []
        assert len(history.runs()) == 3
        assert list(catch_up(history, tmp_path)) == []
    nights.remembering = True
    assert told(nights.run(A, B)) == {"a": ("new", 1), "b": ("known", 3)}


def test_what_is_no_whole_run_is_passed_over_or_told(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    nights.remembering = False
    broken = nights.run(A, B)
    (broken.folder / "findings.csv").write_text("rule\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "summary.json").write_text("[]")
    nights.run(A, B)
    with closing(History(nights.history, URL)) as history:
        (said,) = catch_up(history, tmp_path)
        assert str(broken.folder) in said
        assert len(history.runs()) == 2


def test_the_runs_of_another_bucket_are_left_alone(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    with closing(History(tmp_path / "other.sqlite", "s3://another")) as history:
        assert list(catch_up(history, tmp_path)) == []
        assert history.runs() == set()


KILLED = """
import os, signal, sys
from pathlib import Path
from auditor.history import record as recording
from auditor.history.past import History
from auditor.runs.folder import open_run
pages = recording._pages
def killed(values):
    yield from pages(values)
    os.kill(os.getpid(), signal.SIGKILL)
recording._pages = killed
recording.record(History(Path(sys.argv[1]), sys.argv[2]), open_run(Path(sys.argv[3])))
"""


def test_a_run_that_is_killed_while_it_records_is_recorded_by_the_next(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    nights.remembering = False
    run = nights.run(A, B)
    dead = subprocess.run([sys.executable, "-c", KILLED, nights.history, URL, run.folder], check=False)
    assert dead.returncode == -signal.SIGKILL
    with closing(History(nights.history, URL)) as history:
        assert len(history.runs()) == 1
        assert not history.look_up([B.fingerprint])
        assert list(catch_up(history, tmp_path)) == []
    nights.remembering = True
    assert told(nights.run(A, B)) == {"a": ("known", 3), "b": ("known", 2)}


def test_two_at_once_leave_each_run_whole_or_not_at_all(tmp_path: Path) -> None:
    nights = Pretended(tmp_path, remembering=False)
    runs = [nights.run(A, *(finding("KEY001", f"{n}/{m}") for m in range(50))) for n in range(6)]

    def one(run: RunFolder) -> bool:
        with closing(History(nights.history, URL)) as history:
            return record(history, run)

    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(one, runs))
    with closing(sqlite3.connect(nights.history)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        keys = {key.split("/")[0] for (key,) in database.execute("SELECT key FROM findings WHERE rule = 'KEY001'")}
        assert keys == {str(number) for number, was in enumerate(done) if was}
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (sum(done),)


def test_a_history_that_cannot_be_written_is_said_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    nights.remembering = False
    run = nights.run(B)
    monkeypatch.setattr("auditor.history.file._PATIENCE", 0.1)
    with closing(sqlite3.connect(nights.history)) as other, closing(History(nights.history, URL)) as history:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotRecorded, match="the next scan beside it catches up"):
            record(history, run)
        other.execute("ROLLBACK")
        assert record(history, run)


def test_a_history_that_breaks_while_it_is_asked_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)

    def broken(*arguments: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(History, "look_up", broken)
    with pytest.raises(AuditorError, match=r"\(database or disk is full\): make room"):
        nights.run(A)
