# ruff: noqa: S608 -- columns are named here or quoted, and no value is in the text
"""One question to a table of a run, as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from auditor.frames import OBJECTS
from auditor.runs.asking.engine import Engine, at_most, file_value, parquet, quoted
from auditor.runs.asking.filters import Conditions
from auditor.runs.folder import RunFolder

# What is told of objects: the columns of objects.parquet in their order, names as plain text
RECORD = pa.schema([*OBJECTS, *(pa.field(name, pa.string()) for name in ("family", "class", "row_uid"))])
_ORDERS = {"key": ("key", "ASC"), "size": ("size", "ASC"), "age": ("last_modified", "DESC")}
SORTS = tuple(sign + name for name in _ORDERS for sign in ("", "-"))


@dataclass(frozen=True)
class Source:
    """A Parquet file whose rows are in the order in which they are told."""

    path: Path
    schema: pa.Schema
    sorted: bool = False  # by key


def objects_of(run: RunFolder) -> Source:
    """What the run listed, and what became of it."""
    return Source(run.objects, RECORD, sorted=True)


@dataclass(frozen=True)
class Question:
    """Rows of `source` for which `where` holds, in the order `sort` (one of SORTS; None: as they are), `limit` at most.

    What has no size or no time comes last, what is alike in the order of its keys.
    """

    source: Source
    where: Conditions
    sort: str | None = None
    limit: int | None = None

    def ask(self, engine: Engine) -> Iterator[pa.Table]:
        """Tables of the source's schema, at most BATCH rows each."""
        columns = ", ".join(quoted(column) for column in self.source.schema.names)
        text = f"SELECT {columns} FROM {parquet('file')} WHERE {self.where.sql}{self._order()}{at_most(self.limit)}"
        for batch in engine.batches(text, self._values()):
            yield pa.table(batch.columns, schema=self.source.schema)

    def count(self, engine: Engine) -> int:
        """How many rows there are, whatever the limit."""
        text = f"SELECT count(*) AS n FROM {parquet('file')} WHERE {self.where.sql}"
        return int(engine.rows(text, self._values())[0]["n"])

    def _order(self) -> str:
        if self.sort is None or (self.sort == "key" and self.source.sorted):
            return ""
        return f" ORDER BY {order(self.sort)}"

    def _values(self) -> dict[str, object]:
        return {**self.where.values, "file": file_value(self.source.path)}


def order(sort: str) -> str:
    """
    >>> order("-size"), order("age")
    ('size DESC NULLS LAST, key', 'last_modified DESC NULLS LAST, key')
    """
    column, direction = _ORDERS[sort.removeprefix("-")]
    if sort.startswith("-"):
        direction = "DESC" if direction == "ASC" else "ASC"
    return f"{column} {direction} NULLS LAST" + ("" if column == "key" else ", key")
