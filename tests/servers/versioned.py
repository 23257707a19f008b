"""A bucket in moto that keeps versions, and the histories of its keys; every step is a day after the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend
from moto.server import ThreadedMotoServer

from tests.world.serve import backend, remove_from_moto

FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
_numbers = count(1)


@dataclass
class Versioned:
    """The server's bucket, changed past HTTP; each method returns the version id of what it made."""

    url: str
    bucket: str
    s3: S3Backend
    _days: Iterator[int] = field(default_factory=count)

    def put(self, key: str, body: bytes, storage_class: str = "STANDARD") -> str:
        return self._dated(self.s3.put_object(self.bucket, key, body, storage_class, disable_notification=True))

    def delete(self, key: str) -> str:
        _, said = self.s3.delete_object(self.bucket, key)
        marker = next(one for one in self._all(key) if one.version_id == said["version-id"])
        return self._dated(marker)

    def delete_version(self, key: str, version_id: str) -> None:
        self.s3.delete_object(self.bucket, key, version_id)

    def set(self, status: str | None) -> None:
        """ "Enabled", "Suspended", or None for never set."""
        self.s3.get_bucket(self.bucket).versioning_status = status

    def _all(self, key: str) -> list[FakeKey | FakeDeleteMarker]:
        return self.s3.get_bucket(self.bucket).keys.getlist(key)  # type: ignore[no-any-return]

    def _dated(self, made: FakeKey | FakeDeleteMarker) -> str:
        made.last_modified = (FIRST_DAY + timedelta(days=next(self._days))).replace(tzinfo=None)  # moto keeps naive UTC
        return str(made.version_id)


@contextmanager
def versioned(server: ThreadedMotoServer) -> Iterator[Versioned]:
    """A bucket of its own behind a server that runs."""
    name = f"versioned-{next(_numbers)}"
    target = backend()
    target.create_bucket(name, "us-east-1")
    host, port = server.get_host_and_port()
    made = Versioned(f"http://{host}:{port}", name, target)
    made.set("Enabled")
    try:
        yield made
    finally:
        made.set(None)
        remove_from_moto(name)
