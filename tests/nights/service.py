"""The service: objects in a bucket, rows in a live SQLite database, and a list of files about to be deleted.

It writes in the order of the real one: entry on the list, object, rows, entry off the list. What is uploaded is drafted
by the builders of `tests.world`; from then on the bucket and the database alone say what is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.nights.bucket import NAME, Bucket
from tests.world import database, zsets
from tests.world.bodies import redis_backup
from tests.world.files import Files
from tests.world.ledger import Ledger, Row, WorldObject
from tests.world.purgatory import SET

Made = TypeVar("Made")
PROTECTED = 3600  # seconds for which an upload may lack its rows before it is swept


@dataclass(frozen=True)
class Upload(Generic[Made]):
    """Objects that are up already, and the rows that are still to be written."""

    made: Made
    objects: list[WorldObject]
    rows: list[Row]

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.objects]


class Service:
    def __init__(self, folder: Path, start: datetime, seed: int = 1) -> None:
        self.path = folder / "service.db"
        self.bucket = Bucket(lambda: self.now)
        self.purgatory: dict[str, float] = {}  # key -> unix time from which on the file may be deleted
        self.ledger = Ledger(seed, int(start.timestamp()), bucket=NAME)
        self.files = Files(self.ledger, "service")
        self.documented: list[str] = []  # options that name the key specification, where it is not the shipped one
        self._drafted = 0  # how many rows of the ledger are no drafts any more

    @contextmanager
    def running(self) -> Iterator[None]:
        """The bucket is served, and the database is open: a part of it may be in its write-ahead log alone."""
        self._connection = database.connect(self.path, "wal")
        self._connection.executescript(database.SQL)
        try:
            with self.bucket:
                yield
        finally:
            self._connection.close()

    # -- the clock, which the server of the bucket shows as well

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ledger.now, UTC)

    def wait_until(self, moment: datetime) -> None:
        self.ledger.now = max(self.ledger.now, int(moment.timestamp()))

    # -- writing

    def upload(self, make: Callable[[Files], Made]) -> Made:
        """Everything that `make` drafts, objects before rows."""
        return self.finish(self.begin(make))

    def begin(self, make: Callable[[Files], Made]) -> Upload[Made]:
        """The first half: the objects are there, protected for an hour (keys of journals are not)."""
        there = set(self.ledger.objects)
        made = make(self.files)
        objects = [one for key, one in self.ledger.objects.items() if key not in there]
        rows, self._drafted = self.ledger.rows[self._drafted :], len(self.ledger.rows)
        for one in objects:
            if "/journals/" not in one.key:
                self.purgatory[one.key] = self.ledger.now + PROTECTED
            self.bucket.put(one.key, one.body, one.last_modified)
        return Upload(made, objects, rows)

    def finish(self, upload: Upload[Made]) -> Made:
        """The second half: the rows are there, and nothing is in flight any more."""
        database.insert(self._connection, upload.rows)
        self.forget(upload.keys)
        return upload.made

    def forget(self, keys: Iterable[str]) -> None:
        """Redis does, by a ZREM or because it lost its memory."""
        for key in keys:
            self.purgatory.pop(key, None)

    # -- asking and changing rows

    def execute(self, sql: str, **values: Any) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()

    def ask(self, sql: str, **values: Any) -> list[Any]:
        """The first column of a query's answer."""
        return [row[0] for row in self.execute(sql, **values)]

    # -- backups, made twice a day

    def back_up(self) -> None:
        """Of the database and of redis, as the jobs do it one after the other."""
        self.bucket.put(f"s3_files/backup/database/{self.ledger.now}.bak", self._connection.serialize())
        body = redis_backup({b"stats:%d" % number: b"%d" % number for number in range(99)}) + self._list()
        self.bucket.put(f"s3_files/backup/redis/{self.ledger.now}.bak", body)

    def _list(self) -> bytes:
        entries = [
            (json.dumps({"bucket": NAME, "key": key}, sort_keys=True).encode(), score)
            for key, score in self.purgatory.items()
        ]
        return zsets.chunk(SET.encode(), zsets.dump(zsets.ENCODINGS["skiplist"](entries))) if entries else b""
