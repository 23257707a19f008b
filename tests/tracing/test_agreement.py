"""What will be downloaded is said before it is, and asked on a terminal."""

from __future__ import annotations

import os
import pty
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.cli.trace import cost
from auditor.tracing import Backup
from tests.scanning import auditor
from tests.servers.stub_s3 import StubS3
from tests.tracing.making import START, at, export_key, on_s3, story


@pytest.mark.parametrize(("answer", "code", "downloads"), [("n\n", 3, 0), ("", 3, 0), ("y\n", 0, 9), ("\n", 0, 9)])
def test_a_terminal_is_asked(
    stub: StubS3, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, downloads: int
) -> None:
    monkeypatch.setattr(cost, "somebody_is_there", lambda: True)
    result = auditor("trace", export_key(1), *on_s3(stub, story()), stdin=answer)
    said, _, _ = result.stderr.partition("Download? [Y/n]: ")
    assert said.splitlines()[-1].startswith("24 backups, 3.1 MB: up to 21 of them will be downloaded, 2.7 MB; more, ")
    assert result.exit_code == code
    assert stub.operations().count("GetObject") == downloads
    assert ("It went between" in result.stdout) is bool(downloads)


def test_nobody_is_asked_who_said_yes_or_is_not_there(stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Download?" not in auditor("trace", export_key(1), *on_s3(stub, story())).stderr
    monkeypatch.setattr(cost, "somebody_is_there", lambda: True)
    assert "Download?" not in auditor("trace", export_key(1), *on_s3(stub, story()), "--yes").stderr


def test_somebody_is_there_at_both_ends_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours), os.fdopen(theirs) as terminal, Path(os.devnull).open() as nothing:
        for stdin, stderr in ((terminal, terminal), (nothing, terminal), (terminal, nothing)):
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(sys, "stderr", stderr)
            assert cost.somebody_is_there() is (nothing not in (stdin, stderr))


@pytest.mark.parametrize(("every", "looks", "size"), [(False, 23, 23 * 10 + 90), (True, 64, 64 * 10 + 90)])
def test_the_cost_is_that_of_the_largest(every: bool, looks: int, size: int) -> None:
    moments = [datetime.fromtimestamp(at(number), UTC) for number in range(64)]
    backups = [Backup(f"{START}{number}", moment, 100 if number == 5 else 10) for number, moment in enumerate(moments)]
    assert cost.most_bytes(backups, probes=8, every=every) == (looks, size)
