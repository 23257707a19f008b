"""What a trace found, as nouns: for a page, and for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.tracing.aftermath import Aftermath
from auditor.tracing.backups import Backup
from auditor.tracing.referrers import Tree
from auditor.tracing.session import Kind
from auditor.tracing.sighting import Row


class Mark(StrEnum):
    """What is known of the row in one backup."""

    PRESENT = "present"
    ABSENT = "absent"
    NOT_LOOKED_AT = "not looked at"
    BROKEN = Kind.BROKEN.value
    GONE = Kind.GONE.value
    NOT_FETCHED = Kind.NOT_FETCHED.value


@dataclass(frozen=True)
class Point:
    """`why` it could not be read."""

    backup: Backup
    mark: Mark = Mark.NOT_LOOKED_AT
    why: str | None = None


@dataclass(frozen=True)
class Edge:
    """Between two backups that were read (by number) something changed. What lies between them tells nothing."""

    before: int
    after: int
    unread: int  # backups between them that could not be read
    not_looked_at: int


@dataclass(frozen=True)
class Version:
    """What the row said, and the first and the last backup that were read and say so."""

    rows: tuple[Row, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Life:
    """One row, by its uid, from coming to going; None for an edge outside of what was looked at."""

    versions: tuple[Version, ...]
    came: Edge | None
    went: Edge | None
    changes: tuple[Edge, ...]  # between the versions
    assumed: int  # backups between the first and the last with the row that were not looked at
    tree: Tree | None = None  # in the last backup that has the row
    aftermath: Aftermath | None = None

    @property
    def first(self) -> int:
        return self.versions[0].first

    @property
    def last(self) -> int:
        return self.versions[-1].last


@dataclass(frozen=True)
class Story:
    """`points` are all backups, oldest first. `remarks` are sentences about what was not looked at or found odd.

    `fetched` bytes were downloaded. `incomplete` says why something may be missing that could have been read.
    """

    key: str
    points: tuple[Point, ...]
    lives: tuple[Life, ...]
    fetched: int
    remarks: tuple[str, ...]
    incomplete: tuple[str, ...]

    @property
    def seen(self) -> bool:
        return bool(self.lives)

    def counted(self, *marks: Mark) -> int:
        return sum(point.mark in marks for point in self.points)
