"""Real series of backups: a small service whose rows come and go, written as it was twice a day."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.scanning import auditor
from tests.servers.stub_s3 import LONG_AGO, Stored, StubS3
from tests.world import database
from tests.world.ledger import HOUR, Ledger

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
STEP = 12 * HOUR
ROOT = "s3_files/backup/database/"


def uid(kind: str, number: int) -> str:
    return f"oseh_{kind}_{number:022}"


def at(number: float) -> float:
    """The time of the backup with this number; between two for what is no whole number."""
    return START + number * STEP


def key_of(number: int, hint: str = "") -> str:
    return f"{ROOT}{int(at(number))}{hint}.bak"


def export_key(number: int) -> str:
    return f"s3_files/images/exports/{uid('ife', number)}/token{number:06}.webp"


def original_key(number: int) -> str:
    return f"s3_files/images/originals/{uid('if', number)}/token{number:06}"


@dataclass
class Service:
    """Writes into a ledger; times are numbers of backups, `died` None for what is still there."""

    ledger: Ledger = field(default_factory=lambda: Ledger(0, int(at(10_000))))
    files: int = 0

    def file(self, key: str, born: float, died: float | None = None, **other: Any) -> int:
        self.files += 1
        values = {
            "uid": uid("s3f", self.files),
            "key": key,
            "file_size": 1000 + self.files,
            "content_type": "image/webp",
            "created_at": at(born) + 0.25,
        }
        return self.ledger.insert("s3_files", at(born), _end(died), **values | other)

    def image(self, number: int, born: float, died: float | None = None) -> int:
        original = self.file(original_key(number), born, died, content_type="application/octet-stream")
        values = {"uid": uid("if", number), "name": f"image {number}", "original_s3_file_id": original}
        sizes = {"original_sha512": f"{number:0128x}", "original_width": 4, "original_height": 3}
        return self.ledger.insert("image_files", at(born), _end(died), **values, **sizes, created_at=at(born))

    def export(self, number: int, image: int, born: float, died: float | None = None) -> int:
        file = self.file(export_key(number), born, died)
        cuts = dict.fromkeys(("left_cut_px", "right_cut_px", "top_cut_px", "bottom_cut_px"), 0)
        values = {"uid": uid("ife", number), "image_file_id": image, "s3_file_id": file, "width": 4, "height": 3}
        more = {"format": "webp", "quality_settings": "{}", "thumbhash": "AA==", "created_at": at(born)}
        return self.ledger.insert("image_file_exports", at(born), _end(died), **values, **cuts, **more)

    def picture(self, number: int, image: int, born: float, died: float | None = None) -> int:
        """A use of an image, with nothing else in it."""
        values = {"uid": uid("ei", number), "image_file_id": image, "created_at": at(born)}
        return self.ledger.insert("email_images", at(born), _end(died), **values)

    def body(self, number: float, folder: Path) -> bytes:
        """The database as it was then."""
        path = folder / "one.sqlite"
        path.unlink(missing_ok=True)
        database.write(path, database.rows_at(self.ledger, at(number)), page_size=1024)
        return path.read_bytes()


def _end(died: float | None) -> float | None:
    return None if died is None else at(died)


def series(service: Service, count: int) -> dict[str, bytes]:
    """Bodies of backups by key, oldest first."""
    folder = Path(mkdtemp(prefix="series-"))
    bodies: dict[str, bytes] = {}
    try:
        alike: dict[tuple[int, ...], bytes] = {}  # what did not change is not written again
        for number in range(count):
            there = tuple(map(id, database.rows_at(service.ledger, at(number))))
            if there not in alike:
                alike[there] = service.body(number, folder)
            bodies[key_of(number)] = alike[there]
        return bodies
    finally:
        shutil.rmtree(folder)


@cache
def story() -> Mapping[str, bytes]:
    """24 backups. Image 1 has an original and three exports, and is used by an e-mail until backup 15 and a half.

    Exports 1 and 2 and that use go between backups 15 and 16; the image, its original and export 3 stay.
    File 9, which belongs to nobody, goes, too. Image 2 is there all the time. Export 1 came between backups 5 and 6.
    """
    made = Service()
    image = made.image(1, 2.5)
    made.export(1, image, 5.5, 15.5)
    made.export(2, image, 5.5, 15.5)
    made.export(3, image, 5.5)
    made.picture(1, image, 6.5, 15.5)
    made.picture(2, image, 6.5)
    other = made.image(2, -1)
    made.export(4, other, -1)
    made.file("s3_files/journey_embeddings/" + uid("jemb", 9), 3, 15.5, content_type="application/octet-stream")
    return series(made, 24)


def as_bucket(bodies: Mapping[str, bytes], folder: Path) -> str:
    """A folder laid out as a bucket; its URL."""
    for key, body in bodies.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder.as_uri()


def loose(bodies: Mapping[str, bytes], folder: Path) -> Path:
    """Backups by the last part of their names, with times of files that say nothing of the backups'."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, body in bodies.items():
        path = folder / key.rpartition("/")[2]
        path.write_bytes(body)
        os.utime(path, (START, START))
    return folder


def on_s3(stub: StubS3, bodies: Mapping[str, bytes]) -> list[str]:
    """The arguments that name the bucket; backups were stored a little after the time in their names."""
    stub.reset({key: Stored(body, _stored(key)) for key, body in bodies.items()})
    return [f"s3://{stub.bucket}", "--endpoint-url", stub.url]


def _stored(key: str) -> datetime:
    name = key.rpartition("/")[2]
    return datetime.fromtimestamp(int(name[:10]) + 40, UTC) if name[:10].isdigit() else LONG_AGO


def told(*arguments: str | Path) -> dict[str, Any]:
    """The trace as JSON says it, with its exit code."""
    result = auditor("trace", "--format", "json", *map(str, arguments))
    return {"code": result.exit_code, "stderr": result.stderr, **json.loads(result.stdout)}


def story_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """What must not depend on where the backups lie; their names are cut to the last part."""
    text = json.dumps({"rows": said["rows"], "seen": said["seen"], "backups": [_cut(one) for one in said["backups"]]})
    found: dict[str, Any] = json.loads(text.replace(ROOT, ""))
    return found


def _cut(backup: Mapping[str, Any]) -> dict[str, Any]:
    return {name: backup[name] for name in ("name", "at", "row")}


def marks(said: Mapping[str, Any]) -> str:
    """One letter for each backup: Present, Absent, Broken, Gone, Failed, and a dot for what was not looked at."""
    letters = {"present": "P", "absent": "A", "broken": "B", "gone": "G", "not fetched": "F", "not looked at": "."}
    return "".join(letters[backup["row"]] for backup in said["backups"])


def edges(said: Mapping[str, Any]) -> list[tuple[int | None, int | None]]:
    """For each row the number of the first backup known to have it, and of the first known to have it no more."""
    names = [backup["name"] for backup in said["backups"]]
    return [
        (
            names.index(row["came"]["by"]) if row["came"] else None,
            names.index(row["went"]["by"]) if row["went"] else None,
        )
        for row in said["rows"]
    ]
