"""Who refers to a row of the table of files, and who to those, up to whoever is in use by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from auditor.errors import RowsFailed
from auditor.rows import RowSource
from auditor.rows.base import ForeignKey
from auditor.tracing.asking import Columns, Values, with_text, with_value
from auditor.tracing.graph import Graph, Mention

DEEPEST = 8
MOST_NODES = 2_000


class How(StrEnum):
    REFERS = "refers"  # its column points at the row before
    OWNER = "owner"  # the row before points at it, and lives with it
    MENTIONS = "mentions"  # a text of it names the row before


@dataclass(frozen=True)
class Node:
    """A row of another table. `label` is its uid (or id), `column` the one that makes the connection, which is the
    row's own but for an owner; `value` is what stands in it. `again`: its own referrers are told elsewhere.
    """

    table: str
    label: str | None
    how: How
    column: str
    value: Any
    values: Values
    again: bool = False
    children: tuple[Node, ...] = ()
    more: tuple[More, ...] = ()


@dataclass(frozen=True)
class More:
    """Rows that are there and not told."""

    table: str
    column: str
    count: int


@dataclass
class Tree:
    """`remarks` say what was not looked at."""

    nodes: tuple[Node, ...] = ()
    more: tuple[More, ...] = ()
    remarks: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        waiting = [*self.nodes]
        while waiting:
            node = waiting.pop(0)
            yield node
            waiting = [*node.children, *waiting]


def referrers(rows: RowSource, graph: Graph, row: Values, most: int) -> Tree:
    """At most `most` rows for each column that refers. Raises RowsFailed."""
    climbing = _Climbing(rows, graph, most)
    climbing.check(row)
    nodes, more = climbing.above(graph.files, row, 1)
    return Tree(nodes, more, climbing.remarks)


class _Climbing:
    def __init__(self, rows: RowSource, graph: Graph, most: int) -> None:
        self._rows, self._graph, self._most = rows, graph, most
        self._met: set[tuple[str, str | None]] = set()
        self.remarks: list[str] = []

    def check(self, row: Values) -> None:
        """Says why there may be nothing to find."""
        ways = self._graph.to(self._graph.files)
        if not ways:
            self._remark(f"the schema has no foreign key to {self._graph.files}, so who refers to it is not known")
        for name in dict.fromkeys(way.target_column for way in ways):
            if name not in row:
                self._remark(f"its {name} could not be read, so rows that refer to it by that are not known")

    def above(self, table: str, row: Values, depth: int) -> tuple[tuple[Node, ...], tuple[More, ...]]:
        nodes: list[Node] = []
        more: list[More] = []
        for way, column, value in self._ways(table, row):
            found, count = self._ask(way, value)
            nodes += [self._node(way, column, value, values, depth) for values in found]
            if count > len(found):
                more.append(More(_there(way), column, count - len(found)))
        return tuple(nodes), tuple(more)

    def _ways(self, table: str, row: Values) -> Iterator[tuple[ForeignKey | Mention | _Up, str, Any]]:
        """Where to look, the column to tell, and the value to look for."""
        if (parent := self._graph.parent(table)) and row.get(parent.column) is not None:
            yield _Up(parent), parent.column, row[parent.column]
        ways: list[ForeignKey | Mention] = [*self._graph.to(table), *self._graph.mentions(table)]
        for way in ways:
            if (value := row.get(way.target_column)) is not None:
                yield way, way.column, value

    def _ask(self, way: ForeignKey | Mention | _Up, value: Any) -> tuple[list[dict[str, Any]], int]:
        if len(self._met) >= MOST_NODES:
            self._remark(f"more than {MOST_NODES:,} rows refer to it, directly or not: those beyond are not told")
            return [], 0
        columns = partial(self._graph.columns_of, _there(way))
        if isinstance(way, Mention):
            return self._mentioned(way, str(value), columns)
        column = way.key.target_column if isinstance(way, _Up) else way.column
        return with_value(self._rows, _there(way), column, value, columns, self._most)

    def _mentioned(self, way: Mention, value: str, columns: Columns) -> tuple[list[dict[str, Any]], int]:
        try:
            return with_text(self._rows, way.table, way.column, value, columns, self._most)
        except RowsFailed:
            self._remark(f"the texts of {way.table}.{way.column}, which may name such rows, could not be searched")
            return [], 0

    def _node(self, way: ForeignKey | Mention | _Up, column: str, value: Any, row: Values, depth: int) -> Node:
        table = _there(way)
        name = self._graph.label(table)
        label = None if name is None or row.get(name) is None else str(row[name])
        again = label is not None and (table, label) in self._met
        self._met.add((table, label))
        climbs = self._graph.goes_on(table) and not again and depth < DEEPEST
        children, more = self.above(table, row, depth + 1) if climbs else ((), ())
        return Node(table, label, _how(way), column, value, row, again and self._graph.goes_on(table), children, more)

    def _remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


@dataclass(frozen=True)
class _Up:
    """From a row to the one with which it lives."""

    key: ForeignKey


def _there(way: ForeignKey | Mention | _Up) -> str:
    return way.key.target if isinstance(way, _Up) else way.table


def _how(way: ForeignKey | Mention | _Up) -> How:
    if isinstance(way, _Up):
        return How.OWNER
    return How.MENTIONS if isinstance(way, Mention) else How.REFERS
