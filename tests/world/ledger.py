"""Everything that was ever put into the world: objects that are there, rows with the time they came and went."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from auditor.spec.model import Fit
from tests.world.holding import Holds, anything

if TYPE_CHECKING:
    from tests.world.purgatory import Entry

BUCKET = "bucket"  # the list of pending deletions names it, so it is known before the world is placed
HOUR = 3600
DAY = 24 * HOUR

ROWLESS = frozenset(
    {"backup/database", "backup/database/timely", "backup/redis", "jobs/repopulate_emotions"}
)  # families that never have rows
WITH_ROWS = frozenset(
    {
        "images/originals",
        "images/exports",
        "uploads",
        "audio/mp4",
        "audio/hls",
        "audio/originals",
        "videos/originals",
        "videos/mp4",
        "courses",
        "journals/keys/master",
        "journals/keys/client",
        "journey_embeddings",
    }
)
FAMILIES = WITH_ROWS | ROWLESS


@dataclass(frozen=True, slots=True)
class WorldObject:
    """One object of the bucket; `modified` is in whole unix seconds, as S3 keeps them."""

    key: str
    body: bytes
    modified: int
    storage_class: str = "STANDARD"

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def last_modified(self) -> datetime:
        return datetime.fromtimestamp(self.modified, UTC)


@dataclass(slots=True)
class Row:
    """One row of one table, there from `born` until `died` (unix seconds; None while it is still there)."""

    table: str
    values: dict[str, Any]
    born: float
    died: float | None = None

    def there(self, at: float) -> bool:
        return self.born <= at and (self.died is None or self.died > at)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the planter says that a key belongs: a family (None for none) and how well it fits."""

    family: str | None
    fit: Fit = Fit.FITS


@dataclass(frozen=True, slots=True)
class EmbeddingFault:
    """A planted fault of an embedding file; `needs` is what the auditor must have at hand to see it."""

    code: str
    needs: str  # file, tables (what the database says and the file denies), absence (what the database lacks)


class Ledger:
    """Where the sections of the world write; ids are given out per table, in order."""

    def __init__(self, seed: int, now: int, holds: Holds = anything, bucket: str = BUCKET) -> None:
        self.seed = seed
        self.bucket = bucket
        self.pending: list[Entry] = []
        self.redis_backup_at: int | None = None  # unix seconds; of the newest
        self.now = now
        self.objects: dict[str, WorldObject] = {}
        self.places: dict[str, Place] = {}
        self.rows: list[Row] = []
        self.faults: dict[str, list[EmbeddingFault]] = defaultdict(list)
        self.misspelt: list[tuple[str, str]] = []  # an object's key, and the key of the row that it belongs to
        self.planted: dict[str, list[str]] = defaultdict(list)  # kind of fault or trap -> keys
        self.left_out: list[str] = []  # keys, or ends of keys, that the world's place cannot hold
        self._holds = holds
        self._ids: Counter[str] = Counter()

    def insert(self, table: str, born: float, died: float | None = None, **values: Any) -> int:
        self._ids[table] += 1
        number = self._ids[table]
        self.rows.append(Row(table, {"id": number, **values}, born, died))
        return number

    def insert_again(self, table: str, values: dict[str, Any], born: float) -> None:
        """Another state of a row, with the id that it had: an UPDATE."""
        self.rows.append(Row(table, values, born))

    def place(self, key: str, family: str | None, fit: Fit = Fit.FITS) -> None:
        if len(key.encode()) > 1024:
            raise ValueError(f"S3 has no key of {len(key.encode())} bytes")
        if family is not None and family not in FAMILIES:
            raise ValueError(f"{family} is no family of the key specification")
        self.places[key] = Place(family, fit)

    def put(
        self, key: str, body: bytes, at: float, family: str | None, fit: Fit = Fit.FITS, storage_class: str = "STANDARD"
    ) -> None:
        """An object; a key is put only once."""
        if key in self.objects:
            raise ValueError(f"{key!r} is there already")
        self.place(key, family, fit)
        self.objects[key] = WorldObject(key, body, int(at), storage_class)

    def holds(self, key: str, size: int = 1) -> bool:
        """Whether the world's place can; what it cannot is noted, and must not be planted."""
        held = self._holds(key, size)
        if not held:
            self.left_out.append(key)
        return held

    def size(self) -> int:
        return len(self.objects)
