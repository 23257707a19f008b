"""Private copies: they go with their process, and what a killed one left goes with the next audit."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.formats.private_folder import make_private_folder, private_folder, remove_abandoned

HOLDING = """
import sys
from pathlib import Path
from auditor.formats.private_folder import make_private_folder
folder = make_private_folder("backup", Path(sys.argv[1]))
(folder.path / "backup.sqlite").write_bytes(b"user data")
print(folder.path, flush=True)
sys.stdin.readline()
"""


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        path = Path(process.stdout.readline().strip())
        assert remove_abandoned(tmp_path) == []
        assert (path / "backup.sqlite").exists()
        process.kill()
        process.wait()
        assert (path / "backup.sqlite").exists(), "nobody could remove it"
        assert remove_abandoned(tmp_path) == [path]
    assert list(tmp_path.iterdir()) == []


def test_it_is_private_and_goes_with_the_context(tmp_path: Path) -> None:
    with private_folder("copy", tmp_path) as path:
        assert path.stat().st_mode & 0o777 == 0o700
        (path / "deep").mkdir()
        assert remove_abandoned(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_only_folders_of_this_tool_and_this_user_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("auditor-backup-notes", "auditor-other-abcdefgh", "backup-abcdefgh", "auditor-backup-abcdefgh.old"):
        (tmp_path / name).mkdir()
    (tmp_path / "precious").mkdir()
    (tmp_path / "auditor-backup-abcdefgh").symlink_to(tmp_path / "precious")
    (tmp_path / "auditor-copy-abcdefgh").write_bytes(b"a file")
    before = sorted(tmp_path.iterdir())
    assert remove_abandoned(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "auditor-copy-12345678").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert remove_abandoned(tmp_path) == []
    monkeypatch.undo()
    assert remove_abandoned(tmp_path) == [tmp_path / "auditor-copy-12345678"]


def test_one_that_is_taken_away_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, gone = fcntl.flock, []

    def late(descriptor: int, operation: int) -> None:
        if not gone:
            gone.extend(tmp_path.iterdir())
            gone[0].rmdir()  # another audit tidies up at this very moment
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    folder = make_private_folder("backup", tmp_path)
    assert folder.path.is_dir()
    assert folder.path != gone[0]
    folder.remove()


def test_without_locks_nothing_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")  # what NFS says of a folder

    monkeypatch.setattr(fcntl, "flock", unable)
    with private_folder("pending", tmp_path) as path:
        assert remove_abandoned(tmp_path) == []
        assert path.is_dir()


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    assert remove_abandoned(tmp_path / "nowhere") == []
