"""Which rows of `s3_files` are in use, by the service's own rules: what its code does, not what the auditor does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.world.ledger import Row

_IMAGES = {  # table -> its columns that refer to image_files
    "user_profile_pictures": ["image_file_id"],
    "journeys": [
        "background_image_file_id",
        "blurred_background_image_file_id",
        "darkened_background_image_file_id",
        "share_image_file_id",
    ],
    "instructors": ["picture_image_file_id"],
    "instructor_profile_pictures": ["image_file_id"],
    "journey_background_images": ["image_file_id", "blurred_image_file_id", "darkened_image_file_id"],
    "courses": ["background_original_image_file_id"],
    "client_flow_images": ["image_file_id"],
}
_CONTENTS = {
    "journeys": ["audio_content_file_id", "sample_content_file_id", "video_content_file_id"],
    "courses": ["video_content_file_id"],
    "course_videos": ["content_file_id"],
    "journey_audio_contents": ["content_file_id"],
    "client_flow_content_files": ["content_file_id"],
    "voice_notes": ["audio_content_file_id"],
}
_FILES = {
    "user_journal_master_keys": ["s3_file_id"],
    "user_journal_client_keys": ["s3_file_id"],
    "voice_notes": ["transcript_s3_file_id", "time_vs_avg_signal_intensity_s3_file_id"],
    "client_flow_images": ["original_s3_file_id"],
    "client_flow_content_files": ["original_s3_file_id"],
    "s3_file_upload_parts": ["s3_file_id"],
}
_UID = re.compile("oseh_(?:if|cf)_[A-Za-z0-9_-]{22}")


class Tables:
    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            self._rows.setdefault(row.table, []).append(row.values)

    def all(self, name: str) -> list[dict[str, Any]]:
        return self._rows.get(name, [])

    def values(self, columns: dict[str, list[str]]) -> set[Any]:
        return {row.get(column) for table, names in columns.items() for row in self.all(table) for column in names}


def in_use(rows: Iterable[Row], settled: float) -> set[str]:
    """The keys of the rows that are in use, or were until a moment that is not settled yet (unix seconds)."""
    tables = Tables(rows)
    named = {uid for row in tables.all("client_screens") for uid in _UID.findall(row["schema"])}
    ids = tables.values(_FILES)
    for owner, used, exports in (
        ("image_files", _IMAGES, _exports_of_images),
        ("content_files", _CONTENTS, _parts_of_contents),
    ):
        referred = tables.values(used)
        living = {row["id"] for row in tables.all(owner) if row["id"] in referred or row["uid"] in named}
        ids |= {row["original_s3_file_id"] for row in tables.all(owner) if row["id"] in living}
        ids |= set(exports(tables, living))
    ids |= set(_newest(tables.all("journey_embeddings"), None, settled))
    ids |= set(_newest(tables.all("course_exports"), "course_id", settled))
    logs = "".join(row["reason"] for row in tables.all("merge_account_log"))
    return {row["key"] for row in tables.all("s3_files") if row["id"] in ids or f'"{row["key"]}"' in logs}


def _exports_of_images(tables: Tables, living: set[int]) -> Iterator[int]:
    yield from (row["s3_file_id"] for row in tables.all("image_file_exports") if row["image_file_id"] in living)


def _parts_of_contents(tables: Tables, living: set[int]) -> Iterator[int]:
    exports = {row["id"] for row in tables.all("content_file_exports") if row["content_file_id"] in living}
    for row in tables.all("content_file_export_parts"):
        if row["content_file_export_id"] in exports:
            yield row["s3_file_id"]


def _newest(rows: list[dict[str, Any]], group: str | None, settled: float) -> Iterator[int]:
    for row in rows:
        newer = [
            other["created_at"]
            for other in rows
            if other["created_at"] > row["created_at"] and (group is None or other[group] == row[group])
        ]
        if not newer or min(newer) >= settled:
            yield row["s3_file_id"]
