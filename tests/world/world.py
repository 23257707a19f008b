"""A finished world: its objects, its rows, its truth, and the places it can be written to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.world import database
from tests.world.ledger import Ledger, WorldObject
from tests.world.truth import Judge, Mode, Truth

DAY = timedelta(hours=24)


class World:
    def __init__(self, ledger: Ledger, backup_at: int) -> None:
        self.ledger = ledger
        self._backup_at = backup_at

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ledger.now, UTC)

    @property
    def backup_time(self) -> datetime:
        """The time of the database backup that an audit should use."""
        return datetime.fromtimestamp(self._backup_at, UTC)

    @property
    def planted(self) -> Mapping[str, list[str]]:
        """Kind of fault or trap -> the keys (or the uids in keys) that are its instances."""
        return self.ledger.planted

    @property
    def left_out(self) -> Sequence[str]:
        """Keys, or ends of keys, that were not planted because the world's place cannot hold them."""
        return self.ledger.left_out

    @cached_property
    def objects(self) -> Sequence[WorldObject]:
        """Every object, in the order in which S3 lists them."""
        return sorted(self.ledger.objects.values(), key=lambda found: found.key.encode())

    def object(self, key: str) -> WorldObject:
        return self.ledger.objects[key]

    def rows(self, table: str = "s3_files", mode: Mode = "sqlite") -> list[dict[str, Any]]:
        """The rows of one table, as they are or as the backup has them."""
        there = database.rows_at(self.ledger, self._backup_at if mode == "backup" else None)
        return [row.values for row in there if row.table == table]

    def truth(self, mode: Mode, prefix: str = "", min_age: timedelta = DAY) -> Truth:
        """What an audit of everything under `prefix` must say; `none` is an audit without a database."""
        return Judge(self.ledger, mode, prefix, min_age, self._backup_at).truth()

    def write_database(self, path: Path, journal_mode: str = "delete") -> None:
        """The live database: all rows, foreign keys and indexes."""
        database.write(path, database.rows_at(self.ledger, None), journal_mode)

    def database_in_use(self, path: Path) -> AbstractContextManager[Path]:
        """The live database in WAL mode while its writer has it open; half of the rows are in the WAL alone."""
        return database.in_use(path, database.rows_at(self.ledger, None))

    def foreign_database(self, path: Path, seed_offset: int = 1_000_003) -> None:
        """The database of another environment: as many rows, none of which records an object of this world.

        An audit with it must confirm nothing; its objects' classes are those of `truth("none")`.
        """
        from tests.world.builder import build

        other = build(self.ledger.seed + seed_offset, len(self.objects), now=self.now)
        mine = {row.values["key"] for row in self.ledger.rows if row.table == "s3_files"} | set(self.ledger.objects)
        theirs = {row["key"] for row in other.rows()}
        if mine & theirs:
            raise ValueError(f"the worlds share keys: {sorted(mine & theirs)[:3]}")
        other.write_database(path)

    def write_folder(self, path: Path) -> None:
        """Every object as a file below `path`, with its time; for a world that leaves out what no file system holds."""
        for found in self.objects:
            target = path / found.key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(found.body)
            os.utime(target, (found.modified, found.modified))
