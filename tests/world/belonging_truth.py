"""What must be said of owners, uploads, content types and journal keys, by what these words mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from auditor.spec.model import Fit
from tests.world.ledger import Place, Row, WorldObject

OWNERS = {  # family -> the places of uids among a key's folders, and where they are written down
    "images/originals": ((3, "image_files"),),
    "images/exports": ((3, "image_file_exports"),),
    "uploads": ((2, "s3_file_uploads"),),
    "courses": ((2, "courses"), (3, "course_exports")),
    "journals/keys/master": ((4, "user_journal_master_keys"),),
    "journals/keys/client": ((4, "user_journal_client_keys"),),
    "journey_embeddings": ((2, "journey_embeddings"),),
}
EXPORTS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
OCTETS = "application/octet-stream"
TYPES: dict[str, Callable[[str], bool]] = {
    "images/originals": lambda said: said == OCTETS or said.startswith("image/"),
    "uploads": OCTETS.__eq__,
    "audio/mp4": "audio/mp4".__eq__,
    "audio/hls": "video/mp2t".__eq__,
    "audio/originals": lambda said: said == OCTETS or said.startswith(("audio/", "video/")),
    "videos/originals": lambda said: said == OCTETS or said.startswith("video/"),
    "videos/mp4": "video/mp4".__eq__,
    "courses": "application/zip".__eq__,
    "journals/keys/master": OCTETS.__eq__,
    "journals/keys/client": OCTETS.__eq__,
    "journey_embeddings": OCTETS.__eq__,
}
Rests = Literal["absence", "presence"]


class Said(NamedTuple):
    rule: str
    rests: Rests


class Belongings:
    """`rows` are all rows of the evidence, `settled` the moment (unix seconds) before which something may be missed."""

    def __init__(self, rows: Iterable[Row], settled: float, backup_at: int | None) -> None:
        tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            tables[row.table].append(row.values)
        self._settled, self._backup_at = settled, backup_at
        self._uids = {table: {row.get("uid") for row in found} for table, found in tables.items()}
        self._uploads = {row["uid"]: row for row in tables["s3_file_uploads"]}
        self._parts = {row["s3_file_id"]: row for row in tables["s3_file_upload_parts"]}

    def judge(self, found: WorldObject, place: Place, row: dict[str, Any] | None) -> Iterator[Said]:
        family = place.family or ""
        if family.startswith("journals/keys/") and found.size != 44:
            yield Said("JRN001", "presence")
        if row is None or place.fit is not Fit.FITS or (found.size == 0 and found.key.endswith("/")):
            return
        if not self._type_suits(found.key, family, row["content_type"]):
            yield Said("REF009", "presence")
        if family == "uploads" and self._other_size(found, row):
            yield Said("UPL002", "presence")
        if self._old(found, row):
            yield from self._missing(found.key, family)

    def _old(self, found: WorldObject, row: dict[str, Any]) -> bool:
        at = row["created_at"]
        return found.modified < self._settled and (not isinstance(at, int | float) or at < self._settled)

    def _missing(self, key: str, family: str) -> Iterator[Said]:
        folders = key.split("/")
        for place, table in OWNERS.get(family, ()):
            if folders[place] not in self._uids.get(table, set()):
                yield Said("REF005", "absence")
        if family == "uploads" and self._stale(folders[2]):
            yield Said("REF007", "absence")

    def _stale(self, uid: str) -> bool:
        upload = self._uploads.get(uid)
        if upload is None:
            return False
        return any(at is not None and at < self._settled for at in (upload["completed_at"], upload["expires_at"]))

    def _other_size(self, found: WorldObject, row: dict[str, Any]) -> bool:
        part = self._parts.get(row["id"])
        known = self._backup_at is None or found.modified < self._backup_at
        return part is not None and known and part["end_byte"] - part["start_byte"] != found.size

    @staticmethod
    def _type_suits(key: str, family: str, said: str) -> bool:
        plain = said.split(";", maxsplit=1)[0].strip().lower()
        if family == "images/exports":
            return plain == EXPORTS[key.rpartition(".")[2]]
        return TYPES.get(family, lambda _: True)(plain)
