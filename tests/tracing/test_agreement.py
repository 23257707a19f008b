"""What will be downloaded is said before it is, and asked on a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from auditor.cli.trace.cost import most_bytes
from auditor.tracing import Backup
from tests.servers.stub_s3 import StubS3
from tests.tracing.making import START, at, export_key, on_s3, story


@contextmanager
def on_a_terminal(arguments: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command with a terminal for its input and its standard error; the other end of it."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "auditor", "trace", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env={**os.environ})
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(end: int, wanted: bytes) -> bytes:
    said, until = b"", time.monotonic() + 60
    while wanted not in said and time.monotonic() < until:
        if select.select([end], [], [], 1)[0]:
            said += os.read(end, 4096)
    return said


@pytest.mark.parametrize(("answer", "code", "downloads"), [(b"n\n", 3, 0), (b"y\n", 0, 9)])
def test_a_terminal_is_asked(stub: StubS3, answer: bytes, code: int, downloads: int) -> None:
    with on_a_terminal([export_key(1), *on_s3(stub, story())]) as (process, end):
        said = read_until(end, b"Download? [Y/n]: ")
        assert b"24 backups, 3.1 MB: up to 21 of them will be downloaded, 2.7 MB" in said
        assert stub.operations().count("GetObject") == 0
        os.write(end, answer)
        stdout = drained(process, end)
    assert process.returncode == code
    assert stub.operations().count("GetObject") == downloads
    assert (b"It went between" in stdout) is bool(downloads)


def drained(process: subprocess.Popen[bytes], end: int) -> bytes:
    """Standard output, while somebody reads what the terminal is told."""
    assert process.stdout is not None
    while process.poll() is None:
        if select.select([end], [], [], 0.1)[0]:
            try:
                os.read(end, 4096)
            except OSError:  # the other end is closed
                break
    return process.stdout.read()


@pytest.mark.parametrize(("every", "looks", "size"), [(False, 23, 23 * 10 + 90), (True, 64, 64 * 10 + 90)])
def test_the_cost_is_that_of_the_largest(every: bool, looks: int, size: int) -> None:
    moments = [datetime.fromtimestamp(at(number), UTC) for number in range(64)]
    backups = [Backup(f"{START}{number}", moment, 100 if number == 5 else 10) for number, moment in enumerate(moments)]
    assert most_bytes(backups, probes=8, every=every) == (looks, size)
