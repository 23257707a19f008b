"""What a table, or a query in its place, looks like to a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from auditor.rows.base import RowTable
from auditor.rows.sql import quoted

FIELDS = ("key", "uid", "size", "content_type", "created_at")


class Kind(Enum):
    """What a column holds, as far as it matters for `auditor.frames.ROWS`."""

    ABSENT = auto()  # the table has no such column
    TEXT = auto()
    WHOLE = auto()
    NUMBER = auto()
    MOMENT = auto()  # a date, or a date and time
    BINARY = auto()
    OTHER = auto()  # what has a text form: uuid, enum, json


@dataclass(frozen=True)
class Shape:
    table: RowTable
    kinds: Mapping[str, Kind]  # by field
    collation: str = ""  # of the key, where it matters

    @property
    def relation(self) -> str:
        return relation(self.table)

    def column(self, field: str) -> str:
        return column(self.table, field)


def relation(table: RowTable) -> str:
    """What stands after FROM."""
    if table.query is not None:
        return f"({table.query}\n) AS r"  # a comment at the query's end must not swallow what follows
    return f"{quoted(table.name)} AS r"


def column(table: RowTable, field: str) -> str:
    name = getattr(table, field)
    return f"r.{quoted(name)}" if name else "NULL"


def columns(table: RowTable) -> str:
    """A statement's list of the columns that there are, each named by its field."""
    return ", ".join(f"{column(table, field)} AS {quoted(field)}" for field in FIELDS if getattr(table, field))
