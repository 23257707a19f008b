"""Real processes of `auditor scan` that are killed by SIGKILL at a moment of the test's choice.

They are forked from a server that has imported everything, so that a test can afford many.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import pyarrow.parquet as pq

from auditor.cli import main
from auditor.runs.folder import open_run
from tests.servers.doors import behind, door
from tests.servers.stub_s3 import Answer, Request, StubS3
from tests.world.serve import CREDENTIALS

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.runs.killing", "tests.runs.preloaded"])


def _scan(arguments: list[str], log: Path, temporary: Path) -> None:
    """What runs in the process."""
    os.environ.update(CREDENTIALS, AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
    tempfile.tempdir = str(temporary)
    sys.stdout = sys.stderr = log.open("a", encoding="utf-8", buffering=1)
    main(arguments)


@dataclass
class Nights:
    """Audits of one bucket, one after the other, into one folder of runs."""

    server: StubS3
    folder: Path
    options: tuple[str, ...]
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs, self.temporary, self.log = (self.folder / name for name in ("runs", "tmp", "log"))
        self.temporary.mkdir()

    def begin(self) -> BaseProcess:
        self.names.append(f"night-{len(self.names):03}")
        bucket = [f"s3://{self.server.bucket}", "--endpoint-url", self.server.url]
        arguments = ["scan", *bucket, "--settle", "0s", "--content-state", "none", *self.options]
        arguments += ["--out", str(self.runs / self.names[-1])]
        process = _SERVER.Process(target=_scan, args=(arguments, self.log, self.temporary))
        self.server.requests.clear()
        process.start()
        return process

    def whole(self) -> int:
        """A night on which nobody is killed; the exit code."""
        process = self.begin()
        process.join(120)
        return process.exitcode if process.exitcode is not None else -1

    def killed_at_request(self, number: int) -> None:
        """Before the answer to that request is sent."""
        victim: list[BaseProcess] = []

        def kill(request: Request, answer: Answer) -> Answer:
            if len(self.server.requests) == number:
                while not victim:
                    time.sleep(0.001)
                victim[0].kill()
            return answer

        self.server.hooks.append(kill)
        victim.append(self.begin())
        victim[0].join(120)
        self.server.hooks.remove(kill)

    def killed_when(self, moment: Callable[[], bool]) -> None:
        process = self.begin()
        while process.is_alive() and not moment():
            time.sleep(0.0005)
        process.kill()
        process.join(120)

    def has_file(self, pattern: str) -> Callable[[], bool]:
        """Whether the run that is being written has a file of that name."""
        return lambda: any(self.runs.glob(f".*.partial/{pattern}"))

    def published(self) -> bool:
        return (self.runs / self.names[-1]).exists()

    def hidden(self) -> list[str]:
        return [path.name for path in self.runs.iterdir() if path.name.startswith(".")]

    def check(self) -> None:
        """What has the name of a run is a whole one; what is half is marked, and there is one half at most."""
        for path in self.runs.iterdir():
            if not path.name.startswith(".") and path.is_dir():
                check_whole(path)
        assert sum(name.endswith(".partial") for name in self.hidden()) <= 1
        assert len(list(self.temporary.glob("auditor-backup-*"))) <= 1

    def check_clean(self) -> None:
        """Nothing is left of those that were killed."""
        assert self.hidden() == []
        assert list(self.temporary.iterdir()) == []


def check_whole(folder: Path) -> None:
    """Every part can be read to its end, and the sums agree."""
    run = open_run(folder)
    assert len(list(run.findings())) == sum(run.summary["findings"].values())
    list(run.fixed())
    objects = pq.read_table(run.objects)
    assert objects.num_rows == run.summary["listing"]["objects"]
    assert sum(tally["objects"] for tally in run.summary["classes"].values()) == objects.num_rows
    page = folder / "report.html"
    assert not page.exists() or page.read_text(encoding="utf-8").rstrip().endswith("</html>")


def bucket(objects: int) -> StubS3:
    """A world with a database backup, which is downloaded each night."""
    return door("stub", behind("stub", 1, objects), page_size=40)
