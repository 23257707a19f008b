"""One section's pen: objects, `s3_files` rows, and both at once."""

from __future__ import annotations

from typing import Any

from auditor.spec.model import Fit
from tests.world.ledger import Ledger
from tests.world.names import Names

OCTETS = "application/octet-stream"


_BY_FAMILY = {
    "audio/mp4": "audio/mp4",
    "audio/hls": "video/MP2T",
    "videos/mp4": "video/mp4",
    "courses": "application/zip",
}
_BY_SUFFIX = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "jpg": "images/.jpg",
}


def type_of(key: str, family: str | None) -> str:
    """The content type that the service writes into the row; the type of a server image's source is as it is there."""
    if family == "images/exports":
        return _BY_SUFFIX.get(key.rpartition(".")[2], OCTETS)
    return _BY_FAMILY.get(family or "", OCTETS)


class Files:
    def __init__(self, ledger: Ledger, section: str) -> None:
        self.ledger = ledger
        self.names = Names(ledger.seed, section)

    def ago(self, seconds: float) -> int:
        """Unix seconds of a moment before the world's now."""
        return int(self.ledger.now - seconds)

    def moment(self, newest: float, oldest: float) -> int:
        """Some moment between two ages in seconds."""
        return self.ago(self.names.random.uniform(newest, oldest))

    def record(
        self,
        key: str,
        family: str | None,
        size: int,
        content_type: str | None = None,
        *,
        born: float,
        died: float | None = None,
        created_at: Any = None,
        fit: Fit = Fit.FITS,
    ) -> int:
        """A row of `s3_files`; returns its id. `created_at` is an integer or a fraction, as in the service."""
        self.ledger.place(key, family, fit)
        if created_at is None:
            created_at = self._started(born)
        values = {
            "uid": self.names.uid("s3f"),
            "key": key,
            "file_size": size,
            "content_type": content_type or type_of(key, family),
        }
        return self.ledger.insert("s3_files", born, died, **values, created_at=created_at)

    def _started(self, born: float) -> int | float:
        """When the upload began: up to a minute and a half before the object is there."""
        lag = self.names.random.uniform(0, 90)
        return int(born - lag) if self.names.random.random() < 0.5 else round(born - lag, 6)

    def store(
        self,
        key: str,
        body: bytes,
        family: str | None,
        content_type: str | None = None,
        *,
        at: float,
        size: int | None = None,
        fit: Fit = Fit.FITS,
    ) -> int:
        """The object and its row; `size` is what the row says where that is not the truth. Returns the row's id."""
        self.ledger.put(key, body, at, family, fit)
        return self.record(key, family, len(body) if size is None else size, content_type, born=at, fit=fit)

    def plant(self, kind: str, key: str) -> str:
        """Remember what the key is an instance of."""
        self.ledger.planted[kind].append(key)
        return key
