"""The audit of a night: the real command, in peace or in trouble."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.nights.service import Service
from tests.nights.story import Digest, Said
from tests.scanning import Scanned, scan
from tests.servers import faults
from tests.servers.stub_s3 import Answer, Request

KILLED = -9


@dataclass(frozen=True)
class Night:
    """How the command ended, and the folder that it left, if it left one."""

    code: int
    out: Path
    run: Scanned | None = None

    @property
    def summary(self) -> dict[str, Any]:
        return self.run.summary if self.run else {}

    @property
    def found(self) -> Said:
        """Rule and key of every finding."""
        return frozenset((finding.rule, finding.key) for finding in self.run.findings()) if self.run else frozenset()


def told(ran: Night, before: Said) -> Digest:
    """What the night says beside `before`, which the last whole one has found."""
    return Digest(new=ran.found - before, known=ran.found & before, fixed=before - ran.found)


@dataclass(frozen=True)
class Nightly:
    """What a scheduler runs every night. `options` are those that it adds to the command."""

    service: Service
    runs: Path
    options: tuple[str, ...] = ()
    content: str = "full"

    def in_peace(self, night: int) -> Night:
        ran = scan(self.service.bucket.arguments, self.runs / f"night-{night:02}", *self._arguments())
        return Night(ran.code, ran.out, ran if ran.out.exists() else None)

    def without_a_database(self, night: int) -> Night:
        """It is down when the audit begins."""
        with self._database_down():
            return self.in_peace(night)

    def losing_the_database(self, night: int) -> Night:
        """It goes down when a half of the bucket is listed."""
        with self._halfway(lambda: self.service.path.rename(self._away)):
            ran = self.in_peace(night)
        self._away.rename(self.service.path)
        return ran

    def with_half_a_listing(self, night: int) -> Night:
        """The server is too busy for more than that, however often it is asked."""
        self.service.bucket.server.when(a_later_page, faults.slow_down, skip=2)
        ran = self.in_peace(night)
        self.service.bucket.healed()
        return ran

    def killed(self, night: int) -> Night:
        """`kill -9`, when a half of the bucket is listed."""
        out = self.runs / f"night-{night:02}"
        halfway, dead = threading.Event(), threading.Event()

        def hold() -> None:
            halfway.set()
            dead.wait(60)

        with self._halfway(hold):
            command = [sys.executable, "-m", "auditor", "scan", *self.service.bucket.arguments, "--out", str(out)]
            process = subprocess.Popen([*command, *self._arguments()], stderr=subprocess.DEVNULL)
            try:
                assert halfway.wait(60)
            finally:
                process.kill()
                dead.set()
            return Night(process.wait(60), out)

    def _arguments(self) -> list[str]:
        rows = ["--db", f"sqlite:///{self.service.path}", "--content", self.content]
        return [*rows, "--format", "terminal", *self.service.documented, *self.options]

    @property
    def _away(self) -> Path:
        return self.service.path.with_suffix(".away")

    @contextmanager
    def _database_down(self) -> Iterator[None]:
        self.service.path.rename(self._away)
        try:
            yield
        finally:
            self._away.rename(self.service.path)

    @contextmanager
    def _halfway(self, then: Callable[[], object]) -> Iterator[None]:
        """Does something once, before the third page of the listing is sent."""
        pages = 0

        def hook(request: Request, answer: Answer) -> Answer:
            nonlocal pages
            pages += a_later_page(request)
            if a_later_page(request) and pages == 2:
                then()
            return answer

        self.service.bucket.server.hooks.append(hook)
        try:
            yield
        finally:
            self.service.bucket.healed()


def a_later_page(request: Request) -> bool:
    """A page of the bucket's listing that is not the first, and no search for a backup."""
    return "continuation-token" in request.query and not request.query.get("prefix")
