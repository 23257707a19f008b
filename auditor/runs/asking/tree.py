# ruff: noqa: S608 -- columns are named here, and no value is in the text
"""The bucket as a tree of folders, a level at a time, out of one pass over objects.parquet and short looks into it.

The pass sums the objects by the first folders of their keys, DEPTH at most. The levels down to there come from these
sums; a deeper level is made from the row groups that its keys lie in. Nothing is held but the sums of the one level
that is looked at, and DuckDB moves to disk what is too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.runs.asking.engine import Engine, at_most, file_value, parquet
from auditor.runs.asking.filters import after
from auditor.runs.asking.question import Source
from auditor.runs.asking.sums import folders

DEPTH = 3
LARGEST = 3  # files that are told one by one
_SUMMED = ("objects", "bytes", "orphan_objects", "orphan_bytes", "unknown_objects", "unknown_bytes")
_OF_KEYS = (
    "1 AS objects, size AS bytes, (\"class\" = 'orphan')::INT AS orphan_objects, (\"class\" = 'unknown')::INT AS "
    "unknown_objects, orphan_objects * size AS orphan_bytes, unknown_objects * size AS unknown_bytes"
)
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::BIGINT AS {name}" for name in _SUMMED)
_RANGE = "key >= $prefix AND ($end IS NULL OR key < $end)"
_ORDERS = {
    "size": "bytes DESC",
    "objects": "objects DESC",
    "orphaned": "orphan_bytes + unknown_bytes DESC, orphan_objects + unknown_objects DESC",
    "name": "name",
}
SORTS = tuple(_ORDERS)


@dataclass(frozen=True)
class Weight:
    """What lies somewhere: objects and bytes, and those of the class `orphan` and `unknown` among them."""

    objects: int
    bytes: int
    orphan_objects: int
    orphan_bytes: int
    unknown_objects: int
    unknown_bytes: int


@dataclass(frozen=True)
class Entry:
    """A folder (`name` ends in a slash), or all objects that lie right in the level (`name` is empty)."""

    name: str
    weight: Weight

    @property
    def is_folder(self) -> bool:
        return self.name != ""


@dataclass(frozen=True)
class File:
    """One object that lies right in a level; an empty `name` is the object whose key is the level's prefix."""

    name: str
    size: int
    object_class: str


@dataclass(frozen=True)
class Level:
    """`entries` are those that were asked for, `rest` the others in sum, `left` how many those are."""

    prefix: str
    total: Weight
    entries: tuple[Entry, ...]
    rest: Weight
    left: int


@dataclass(frozen=True)
class View:
    """How a level is looked at: its order, how many entries, none below `least` bytes, and names that hold `search`."""

    sort: str = "size"
    limit: int = 1_000
    least: int = 0
    search: str = ""


class Tree:
    """`depth` is how many levels come from the pass that is made here. Not for two threads at a time."""

    def __init__(self, engine: Engine, source: Source, depth: int = DEPTH) -> None:
        self._engine = engine
        self._depth = depth
        self._file = {"file": file_value(source.path)}
        self._opened: str | None = None
        each = f"SELECT regexp_extract(key, $folders) AS key, {_OF_KEYS} FROM {parquet('file')}"
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE tops AS SELECT key, {_SUMS} FROM ({each}) GROUP BY 1",
            {**self._file, "folders": folders(depth)},
        )

    def level(self, prefix: str = "", view: View = View()) -> Level:
        """What lies right under a prefix, which is empty or ends in a slash."""
        self._open(prefix)
        values = {"least": view.least, "search": view.search.casefold()}
        shown = "bytes >= $least AND contains(lower(name), $search)"
        entries = self._engine.rows(
            f"SELECT * FROM level WHERE {shown} ORDER BY {_ORDERS[view.sort]}, name{at_most(view.limit)}", values
        )
        (whole,) = self._engine.rows(f"SELECT count(*) AS n, {_SUMS} FROM level", {})
        told = tuple(Entry(row["name"], _weight(row)) for row in entries)
        return Level(prefix, _weight(whole), told, _less(_weight(whole), told), whole["n"] - len(told))

    def files(self, prefix: str, limit: int = LARGEST) -> list[File]:
        """The largest objects that lie right under a prefix."""
        name = "substr(key, $length + 1)"
        rows = self._engine.rows(
            f'SELECT {name} AS name, size, "class" AS class FROM {parquet("file")} '
            f"WHERE {_RANGE} AND NOT contains({name}, '/') ORDER BY size DESC, key{at_most(limit)}",
            self._values(prefix),
        )
        return [File(row["name"], row["size"], row["class"]) for row in rows]

    def _open(self, prefix: str) -> None:
        """The sums of one level, as the table `level`."""
        if prefix == self._opened:
            return
        if prefix.count("/") < self._depth:
            source = f"SELECT key, {', '.join(_SUMMED)} FROM tops WHERE {_RANGE}"
        else:
            source = f"SELECT key, {_OF_KEYS} FROM {parquet('file')} WHERE {_RANGE}"
        name = "substr(rest, 1, strpos(rest, '/'))"
        self._engine.execute(
            f"CREATE OR REPLACE TEMP TABLE level AS SELECT {name} AS name, {_SUMS} "
            f"FROM (SELECT *, substr(key, $length + 1) AS rest FROM ({source})) GROUP BY 1",
            self._values(prefix),
        )
        self._opened = prefix

    def _values(self, prefix: str) -> dict[str, Any]:
        return {**self._file, "prefix": prefix, "end": after(prefix), "length": len(prefix)}


def _weight(row: Mapping[str, Any]) -> Weight:
    return Weight(**{name: row[name] for name in _SUMMED})


def _less(whole: Weight, entries: tuple[Entry, ...]) -> Weight:
    left = {name: getattr(whole, name) - sum(getattr(entry.weight, name) for entry in entries) for name in _SUMMED}
    return Weight(**left)
