# ruff: noqa: S608 -- columns are named here or quoted, and no value is in the text
"""Objects and findings in sum: by family, class, prefix, month, rule or storage class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from auditor.runs.asking.engine import Engine, at_most, file_value, parquet
from auditor.runs.asking.filters import Conditions
from auditor.runs.asking.question import Source

DEEPEST = 100  # folders of a prefix
_GROUPS = {
    "family": "family",
    "class": '"class"',
    "prefix": "regexp_extract(key, $folders)",
    "month": "strftime(last_modified, '%Y-%m')",
    "rule": "rule",
    "storage-class": "storage_class",
}
OF_OBJECTS = ("family", "class", "prefix", "month", "storage-class")
OF_FINDINGS = ("family", "prefix", "month", "rule")
SORTS = tuple(sign + name for name in ("key", "size", "count") for sign in ("", "-"))
_COLUMNS = {"key": "name", "size": "bytes", "count": "count"}

# Every object counts once, however many findings it has; what has no size is a row without an object, or a document
_OBJECTS = 'SELECT {group} AS name, count(*) AS "count", count(*) AS objects, sum(size) AS bytes {rows} GROUP BY 1'
_FINDINGS = (
    'SELECT name, sum(n) AS "count", count(size) AS objects, coalesce(sum(size), 0) AS bytes FROM '
    "(SELECT {group} AS name, key, count(*) AS n, max(size) AS size {rows} GROUP BY ALL) GROUP BY 1"
)
_NUMBERS = ", ".join(f'coalesce(sum("{name}"), 0)::BIGINT AS "{name}"' for name in ("count", "objects", "bytes"))


@dataclass(frozen=True)
class Sum:
    """`name` is None for what has none (no family, no time); an empty prefix is the top of the bucket.

    `count` is objects or findings, `bytes` the size of the objects.
    """

    name: str | None
    count: int
    objects: int
    bytes: int


@dataclass(frozen=True)
class Summed:
    """Sums that are made, and lie in the engine until the next are."""

    engine: Engine
    order: str

    def whole(self) -> tuple[Sum, int]:
        """The sum of all sums, and how many they are."""
        row = self.engine.rows(f"SELECT NULL::VARCHAR AS name, {_NUMBERS}, count(*) AS groups FROM sums", {})[0]
        return _sum(row), row["groups"]

    def each(self, limit: int | None = None) -> Iterator[Sum]:
        text = f"SELECT name, {_NUMBERS} FROM sums GROUP BY name ORDER BY {self.order}{at_most(limit)}"
        for batch in self.engine.batches(text, {}):
            yield from map(_sum, batch.to_pylist())


@dataclass(frozen=True)
class Sums:
    """`by` is one of OF_OBJECTS or OF_FINDINGS, `depth` how many folders a prefix has, `sort` one of SORTS, where the
    key is the name of the sum.
    """

    by: str
    depth: int = 1
    sort: str = "-size"

    def of_objects(self, engine: Engine, source: Source, where: Conditions) -> Summed:
        return self._made(engine, source, where, _OBJECTS)

    def of_findings(self, engine: Engine, source: Source, where: Conditions) -> Summed:
        return self._made(engine, source, where, _FINDINGS)

    def _made(self, engine: Engine, source: Source, where: Conditions, text: str) -> Summed:
        made = text.format(group=_GROUPS[self.by], rows=f"FROM {parquet('file')} WHERE {where.sql}")
        values = {**where.values, "file": file_value(source.path), "folders": folders(self.depth)}
        engine.execute(f"CREATE OR REPLACE TEMP TABLE sums AS {made}", values)
        return Summed(engine, self._order())

    def _order(self) -> str:
        column = _COLUMNS[self.sort.removeprefix("-")]
        direction = "DESC" if self.sort.startswith("-") else "ASC"
        return f'"{column}" {direction} NULLS LAST' + ("" if column == "name" else ", name NULLS LAST")


def folders(depth: int) -> str:
    """A pattern for the folders that a key lies in, `depth` at most."""
    return rf"^(?:[^/]*/){{0,{int(depth)}}}"


def _sum(row: dict[str, Any]) -> Sum:
    return Sum(row["name"], row["count"], row["objects"], row["bytes"])
