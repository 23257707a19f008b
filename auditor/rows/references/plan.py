"""What refers to files, as a plan that every source of rows can turn into one question.

A table is one of two sorts. What a row of most tables points at is in use as long as the row is there. Rows of *mortal*
tables do not live by themselves: a row lives while a living row points at it, while the row lives that its `parent`
column points at, or while it is the newest of its group. A file that no living row points at is unreferenced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from auditor.rows.base import ForeignKey


@dataclass(frozen=True)
class Newest:
    """A row lives while no other of its group (all rows, or those that agree in `per`) has a greater `column`."""

    column: str
    per: str | None = None


@dataclass(frozen=True)
class Mortal:
    """A table whose rows do not live by themselves."""

    name: str
    parent: ForeignKey | None = None
    newest: Newest | None = None


@dataclass(frozen=True)
class Hop:
    """From a row to those of `table` whose `column` equals its `previous`."""

    table: str
    column: str
    previous: str


@dataclass(frozen=True)
class Arm:
    """One way from a file to the rows that died with it, or over which it would have lived.

    `label` is the column that names the row at the end of the way, `newest` says that it died by being superseded.
    """

    hops: tuple[Hop, ...]
    label: str | None = None
    newest: Newest | None = None


@dataclass(frozen=True)
class Plan:
    """`references` are the columns that keep alive what they point at: files, and rows of mortal tables.

    `files` is what the references call the table of files. `mortals` by name. `arms` are numbered from 1 in `Witness`.
    """

    files: str
    references: tuple[ForeignKey, ...]
    mortals: Mapping[str, Mortal]
    arms: tuple[Arm, ...] = ()

    def to(self, table: str) -> tuple[ForeignKey, ...]:
        """The references to a table."""
        return tuple(key for key in self.references if key.target == table)


class Witness(NamedTuple):
    """One thing that is known of an unreferenced row of the table of files.

    Each such row gives one of arm 0, with the row's own uid as label, and one for each row at the end of an arm, whose
    label is in the column that the arm names. `since` is the time, as the database writes it, when that row was
    superseded.
    """

    key: str
    arm: int
    label: str | None = None
    since: str | None = None
