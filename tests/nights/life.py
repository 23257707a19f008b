"""An ordinary day of the service, from one night to the next: nothing of it may ever be reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.nights import deleting
from tests.nights.founding import Stock, found, library, member, pictured
from tests.nights.service import Service, Upload
from tests.world.bodies import filler
from tests.world.files import Files

A_DAY = timedelta(days=1)
PART = 3_000  # bytes; a mebibyte in the real service
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
        while self.in_flight:
            self.service.finish(self.in_flight.pop())
        self._at(day, 0.5)
        deleting.sweep(self.service)
        for hour in range(3, 3 + TIMES_A_DAY):
            self._at(day, hour)
            for draft in (library, member, pictured):
                self.service.upload(lambda files, draft=draft: draft(files, self.stock, files.ago(900)))  # type: ignore[misc]
        self.stock.finished.append(self.service.upload(lambda files: upload_of_a_file(files, done=True)))

    def _evening(self, day: int) -> None:
        """Deletions, both backups, and uploads that are not done when the audit begins: one is on the list of redis."""
        self._at(day, 18)
        for _ in range(TIMES_A_DAY):
            deleting.image(self.service, self.stock.images.popleft())
            # what the job forgets is deleted by hand
            deleting.file(self.service, deleting.content(self.service, self.stock.sounds.popleft()))
            deleting.account(self.service, self.stock.members.popleft())
        while len(self.stock.finished) > 1:
            deleting.upload(self.service, self.stock.finished.popleft())
        self._at(day, 22.25)
        self.service.back_up()
        self._begin(day, 23.45)
        self._at(day, 23.5)
        self.service.back_up()
        self._begin(day, 23.95)

    def _begin(self, day: int, hour: float) -> None:
        self._at(day, hour)
        self.in_flight.append(self.service.begin(lambda files: library(files, self.stock, files.ago(60))))

    def _at(self, day: int, hour: float) -> None:
        self.service.wait_until(self.night(day - 1) + timedelta(hours=hour))


def upload_of_a_file(files: Files, *, done: bool) -> int:
    """Three parts; `done`: they were all there. Otherwise nobody ever comes for the upload, and it expires."""
    at = files.ledger.now
    uid, jobs = files.names.uid("s3fu"), dict.fromkeys(("success_job_name", "failure_job_name"), "runners.process")
    arguments = dict.fromkeys(("success_job_kwargs", "failure_job_kwargs"), "{}")
    times = {"created_at": at, "completed_at": at + 60 if done else None, "expires_at": at + 3600}
    upload = files.ledger.insert("s3_file_uploads", at, uid=uid, job_progress_uid=None, **jobs, **arguments, **times)
    for number in range(1, 4):
        key = f"s3_files/uploads/{uid}/{number}/{files.names.token(8)}"
        size = PART if number < 3 else PART // 2
        stored = files.store(key, filler(key, size), "uploads", at=at)
        span = {"start_byte": (number - 1) * PART, "end_byte": (number - 1) * PART + size, "part_number": number}
        part = files.names.uid("s3fup")
        files.ledger.insert("s3_file_upload_parts", at, uid=part, s3_file_upload_id=upload, s3_file_id=stored, **span)
    return upload
