"""An ordinary day of the service, from one night to the next: nothing of it may ever be reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.nights import deleting
from tests.nights.founding import BACKUPS, Stock, found, library, member, pictured, upload_of_a_file
from tests.nights.service import Service, Upload

A_DAY = timedelta(days=1)
TIMES_A_DAY = 3  # of everything that is uploaded or deleted every day


def nothing() -> None:
    """An ordinary day."""


@dataclass
class Life:
    """A day lasts from one audit to the next: day 3 ends with night 3, and night 0 is when the service was founded."""

    service: Service
    stock: Stock
    start: datetime
    in_flight: list[Upload[Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, service: Service) -> Life:
        return cls(service, found(service), service.now)

    def night(self, number: int) -> datetime:
        return self.start + number * A_DAY

    def day(self, number: int, repair: Callable[[], None] = nothing, mishap: Callable[[], None] = nothing) -> None:
        """A whole day; what is repaired is repaired first, and harm is done at noon, twelve hours before the audit."""
        self._at(number, 0.05)
        repair()
        self._morning(number)
        self._at(number, 12)
        mishap()
        self._evening(number)
        self._at(number, 24)

    def _morning(self, day: int) -> None:
        """What was in flight when the audit ran gets its rows; then the sweep and new uploads."""
        self._at(day, 0.1)
        self._finish()
        self._at(day, 0.5)
        deleting.sweep(self.service)
        for hour in range(3, 3 + TIMES_A_DAY):
            self._at(day, hour)
            for draft in (library, member, pictured):
                self.service.upload(lambda files, draft=draft: draft(files, self.stock, files.ago(900)))  # type: ignore[misc]
        self.stock.finished.append(self.service.upload(lambda files: upload_of_a_file(files, done=True)))

    def _evening(self, day: int) -> None:
        """Deletions, and the backups, with one upload in flight that redis knows of; another when the audit begins."""
        self._at(day, 18)
        for _ in range(TIMES_A_DAY):
            deleting.image(self.service, self.stock.images.popleft())
            # what the job forgets is deleted by hand
            deleting.file(self.service, deleting.content(self.service, self.stock.sounds.popleft()))
            deleting.account(self.service, self.stock.members.popleft())
        while len(self.stock.finished) > 1:
            deleting.upload(self.service, self.stock.finished.popleft())
        for hour in BACKUPS:
            self._begin(day, hour - 0.05)
            self._at(day, hour)
            self.service.back_up()
        self._begin(day, 23.95)

    def _begin(self, day: int, hour: float) -> None:
        self._at(day, hour)
        self._finish()
        self.in_flight.append(self.service.begin(lambda files: library(files, self.stock, files.ago(60))))

    def _finish(self) -> None:
        while self.in_flight:
            self.service.finish(self.in_flight.pop())

    def _at(self, day: int, hour: float) -> None:
        self.service.wait_until(self.night(day - 1) + timedelta(hours=hour))
