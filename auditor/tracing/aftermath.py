"""What went with a row: who referred to it, its owner's other files, and all other rows of files, in two backups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from auditor.rows import RowSource, RowTable
from auditor.tracing.asking import with_value
from auditor.tracing.gone import Gone
from auditor.tracing.graph import Graph
from auditor.tracing.referrers import How, Node, Tree

MOST_FILES = 1_000


class Fate(StrEnum):
    """What became of a row by the next backup."""

    WENT = "went"
    STAYED = "stayed"
    LET_GO = "let go"  # it is there, and refers to something else, or nothing


@dataclass(frozen=True)
class FileFate:
    key: str
    uid: str | None
    size: int | None  # bytes, as the row said
    went: bool


@dataclass(frozen=True)
class Aftermath:
    """`fates` are those of `Tree.walk`, in its order; None where a row has no name by which to find it again.

    `files` are other files of the same owners, in key order; with `more_files` there are others, not looked at.
    """

    fates: tuple[Fate | None, ...]
    files: tuple[FileFate, ...]
    more_files: bool
    gone: Gone


def fates(tree: Tree, graph: Graph, after: RowSource) -> tuple[Fate | None, ...]:
    """Raises RowsFailed."""
    return tuple(_fate(node, graph, after) for node in tree.walk())


def _fate(node: Node, graph: Graph, after: RowSource) -> Fate | None:
    name = graph.label(node.table)
    if name is None or node.values.get(name) is None:
        return None
    columns = [node.column] if node.how is How.REFERS else []
    found, count = with_value(after, node.table, name, node.values[name], lambda: columns, 1)
    if not count:
        return Fate.WENT
    refers = not columns or (found and found[0][node.column] == node.value)
    return Fate.STAYED if refers else Fate.LET_GO


def files_beside(
    before: RowSource, after: RowSource, table: RowTable, graph: Graph, tree: Tree, own: str
) -> tuple[tuple[FileFate, ...], bool]:
    """Other files of those to whom the file with the key `own` belonged, and whether there are more of them.

    Raises RowsFailed.
    """
    keys: dict[str, None] = {}
    seen: set[tuple[str, Any]] = set()
    for column, value in _pointed_at(before, graph, tree):
        if (column, value) in seen:
            continue
        seen.add((column, value))
        if len(seen) > MOST_FILES:
            return _compared(before, after, [*keys]), True
        found, _ = with_value(before, graph.files, column, value, lambda: [table.key], 1)
        keys |= {row[table.key]: None for row in found if isinstance(row[table.key], str) and row[table.key] != own}
    return _compared(before, after, [*keys]), False


def _pointed_at(rows: RowSource, graph: Graph, tree: Tree) -> Iterator[tuple[str, Any]]:
    """Columns and values of files that owners, and all that lives with them, point at."""
    above = [*tree.nodes, *(node for node in tree.walk() if node.how is How.OWNER or graph.goes_on(node.table))]
    waiting = [(node.table, node.values) for node in above if not node.again]
    for _ in range(MOST_FILES):  # rows; one that lives with itself must not go on for ever
        if not waiting:
            return
        table, row = waiting.pop()
        for key in graph.own_files(table):
            if row.get(key.column) is not None:
                yield key.target_column, row[key.column]
        for key in graph.living_with(table):
            if (value := row.get(key.target_column)) is not None:
                columns = partial(graph.columns_of, key.table)
                found, _ = with_value(rows, key.table, key.column, value, columns, MOST_FILES)
                waiting += [(key.table, one) for one in found]


def _compared(before: RowSource, after: RowSource, keys: list[str]) -> tuple[FileFate, ...]:
    there = {(row["key"], row["uid"]) for row in after.lookup(keys).to_pylist()} if keys else set()
    rows = before.lookup(keys).to_pylist() if keys else []
    return tuple(
        FileFate(row["key"], row["uid"], row["size"], (row["key"], row["uid"]) not in there)
        for row in sorted(rows, key=lambda row: row["key"].encode())
    )
