"""One audit of a bucket at a time: a live lock from a second process, and one that was killed."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.runs.lock import Holder, sole_audit
from auditor.runs.names import lock_name

BUCKET, OTHER = "s3://one", "s3://two"
NOW, SOON = timedelta(0), timedelta(seconds=20)
HOLDING = """
import sys, time
from datetime import timedelta
from pathlib import Path
from auditor.runs.lock import sole_audit
with sole_audit(sys.argv[1], Path(sys.argv[2]), timedelta(0), print):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(bucket: str, out: Path) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the lock until its input ends, or it is killed."""
    command = [sys.executable, "-c", HOLDING, bucket, str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@contextmanager
def taken(bucket: str, out: Path, wait: timedelta = NOW) -> Iterator[tuple[Holder | None, list[str]]]:
    notes: list[str] = []
    with sole_audit(bucket, out, wait, notes.append) as killed:
        yield killed, notes


def test_a_live_one_is_refused_and_a_killed_one_is_not(tmp_path: Path) -> None:
    with holder(BUCKET, tmp_path / "theirs") as process:
        with (
            pytest.raises(CannotStart, match=r"another audit of s3://one is under way") as caught,
            taken(BUCKET, tmp_path / "ours"),
        ):
            pass
        said = str(caught.value)
        assert f"process {process.pid} on {os.uname().nodename}, since 2" in said
        assert "--wait" in said
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / lock_name(BUCKET)).exists(), "nobody removed it"
        with taken(BUCKET, tmp_path / "ours") as (killed, _):
            assert killed is not None
            assert (killed.pid, killed.folder) == (process.pid, str(tmp_path / "theirs"))
    assert list(tmp_path.iterdir()) == []


def test_one_that_ended_on_its_own_is_not_called_killed(tmp_path: Path) -> None:
    with holder(BUCKET, tmp_path / "theirs") as process:
        process.communicate("\n")
        with taken(BUCKET, tmp_path / "ours") as (killed, _):
            assert killed is None


def test_other_buckets_and_other_folders_do_not_wait(tmp_path: Path) -> None:
    with taken(BUCKET, tmp_path / "a" / "run"), taken(OTHER, tmp_path / "a" / "run"):
        with taken(BUCKET, tmp_path / "b" / "run"):
            pass
        with pytest.raises(CannotStart), taken(BUCKET, tmp_path / "a" / "another"):
            pass


def test_waiting_says_for_whom_and_goes_on_when_they_end(tmp_path: Path) -> None:
    with holder(BUCKET, tmp_path / "theirs") as process:
        threading.Timer(0.4, lambda: process.communicate("\n")).start()
        began = time.monotonic()
        with taken(BUCKET, tmp_path / "ours", SOON) as (killed, notes):
            assert 0.3 < time.monotonic() - began < 15
            assert killed is None
        assert len(notes) == 1
        assert f"waiting for another audit of s3://one to end (process {process.pid}" in notes[0]


def test_waiting_comes_to_an_end(tmp_path: Path) -> None:
    with (
        taken(BUCKET, tmp_path / "a"),
        pytest.raises(CannotStart),
        taken(BUCKET, tmp_path / "b", timedelta(seconds=0.3)),
    ):
        pass


def test_it_is_let_go_however_the_run_ends(tmp_path: Path) -> None:
    for error in (KeyboardInterrupt(), RuntimeError()):
        with pytest.raises(type(error)), taken(BUCKET, tmp_path / "a"):
            raise error
        assert list(tmp_path.iterdir()) == []


def test_many_threads_never_hold_it_together(tmp_path: Path) -> None:
    """The file is removed by each holder: whoever opened the old one must not take it for the lock."""
    inside: list[int] = []
    most = 0

    def work() -> None:
        nonlocal most
        for _ in range(15):
            with suppress(CannotStart), taken(BUCKET, tmp_path / "run"):
                inside.append(1)
                most = max(most, len(inside))
                time.sleep(0.001)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_file_removed_between_opening_and_locking_is_not_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / lock_name(BUCKET)
    flock, gone = fcntl.flock, []

    def late(descriptor: int, operation: int) -> None:
        if not gone:
            gone.append(path.unlink())  # its holder ended just now
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with taken(BUCKET, tmp_path / "a"):
        assert json.loads(path.read_bytes())["pid"] == os.getpid()
        with pytest.raises(CannotStart), taken(BUCKET, tmp_path / "b"):
            pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"host": 1}', b"\xff" * 9000])
def test_a_lock_file_that_says_nothing_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / lock_name(BUCKET)).write_bytes(content)
    with taken(BUCKET, tmp_path / "a") as (killed, _):
        assert killed is None


def test_a_hostile_lock_file_is_only_text() -> None:
    assert "\x1b" not in str(Holder("h\x1b[2J", 1, "\x1b]0;x", "f"))


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    sentence = r"cannot be locked \(No locks available\).*local disk, with --out"
    with pytest.raises(CannotStart, match=sentence), taken(BUCKET, tmp_path / "a"):
        pass


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(CannotStart, match=r"cannot be written \(.*with --out"),
        taken(BUCKET, tmp_path / "file" / "run"),
    ):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / lock_name(BUCKET)).symlink_to(tmp_path / "precious")
    with pytest.raises(CannotStart, match="cannot be written"), taken(BUCKET, tmp_path / "a"):
        pass
    assert not (tmp_path / "precious").exists()
