"""What becomes of files between the night that plans their deletion and the deletion itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from tests.nights import deleting
from tests.nights.life import Life
from tests.world.bodies import webp
from tests.world.files import Files
from tests.world.images import export_row
from tests.world.referrers import in_library

PIXELS = (342, 72)  # of the exports that a crash leaves without a row


class Fate(Enum):
    """What happens, and what `auditor verify` must say of the file then."""

    STAYS = ("nothing happens", "ready")
    GETS_ITS_ROW = ("somebody writes the row that the crash has lost", "referenced")
    IS_USED_AGAIN = ("an admin picks the forgotten file from the bucket", "referenced")
    IS_OVERWRITTEN = ("the crashed job runs again, and is not done yet", "changed")
    IS_DELETED = ("somebody deletes it by hand", "gone")

    @property
    def verdict(self) -> str:
        return self.value[1]


def meet(life: Life, fate: Fate, key: str) -> None:
    """Let it happen to one file."""
    if fate is Fate.GETS_ITS_ROW:
        write_row(life, key)
    elif fate is Fate.IS_USED_AGAIN:
        use_again(life, key)
    elif fate is Fate.IS_OVERWRITTEN:
        life.service.bucket.put(key, webp(f"{key} again", 150, *PIXELS))
    elif fate is Fate.IS_DELETED:
        deleting.file(life.service, key)


def write_row(life: Life, key: str) -> None:
    """The rows that an export would have had."""

    def draft(files: Files) -> None:
        at = files.ledger.now
        stored = files.record(key, "images/exports", len(life.service.bucket.body(key)), born=at)
        export_row(files, key.split("/")[3], life.stock.pictures.row, stored, at, "webp", PIXELS)

    life.service.upload(draft)


def use_again(life: Life, key: str) -> None:
    """A new content file of the library has it as its original."""

    def draft(files: Files) -> None:
        (stored,) = life.service.ask("SELECT id FROM s3_files WHERE key = :key", key=key)
        columns = {"content_file_id": life.stock.films[-1], "original_s3_file_id": stored}
        in_library(files, "client_flow_content_files", files.ledger.now, **columns)

    life.service.upload(draft)


def clean_up(life: Life, verdicts: Mapping[str, str]) -> None:
    """Whoever has the verified plan deletes what is left of it, object and row; the job that was run again ends."""
    for key, verdict in verdicts.items():
        if verdict == "ready":
            deleting.file(life.service, key)
        elif verdict == "changed":
            write_row(life, key)
