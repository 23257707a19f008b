# ruff: noqa: S608 -- names are quoted, and no value is in the text
"""The plan as one SELECT.

The database reads each referring table once and compares sets: nothing is asked row by row, since nobody knows whether
a referring column has an index. NULL refers to nothing and must never get into a NOT IN.

Names are always qualified: SQLite takes a quoted name that it does not know for a text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from auditor.rows.base import ForeignKey
from auditor.rows.references.plan import Arm, Mortal, Newest, Plan

_Column = tuple[str, str]  # table, column


@dataclass(frozen=True)
class Wording(ABC):
    """How one kind of database says it; `r` stands for the table of files."""

    files: str  # what stands after FROM, ending in `AS r`
    key: str  # the key, as it is handed over
    uid: str  # the row's uid as text
    wanted: str  # a condition on r: which rows are asked for

    @abstractmethod
    def table(self, name: str) -> str:
        """A table's name, quoted."""

    @abstractmethod
    def column(self, name: str) -> str:
        """A column's name, quoted."""

    @abstractmethod
    def text(self, expression: str) -> str:
        """The expression as text."""

    @abstractmethod
    def without(self, columns: list[tuple[str, str]]) -> tuple[str, str]:
        """What follows FROM …, and a condition: r has none of the values. Pairs of an expression and a set's name."""

    def limited(self) -> str:
        """What ends the SELECT of the unreferenced rows."""
        return ""


def unreferenced(plan: Plan, wording: Wording) -> str:
    """A SELECT of key, arm, label and since: `Witness`es, in no order."""
    return _Question(plan, wording).text()


@dataclass
class _Question:
    plan: Plan
    wording: Wording
    _sets: dict[_Column, str] = field(default_factory=dict)  # what is pointed at -> the name of the set of values
    _with: list[str] = field(default_factory=list)

    def text(self) -> str:
        files = self._rows_without_references()
        arms = [f"SELECT u.k, 0 AS arm, u.uid AS label, {self.wording.text('NULL')} AS since FROM unreferenced AS u"]
        arms += [self._arm(number, arm) for number, arm in enumerate(self.plan.arms, start=1)]
        return f"WITH {', '.join([*self._with, files])} {' UNION ALL '.join(arms)}"

    def _rows_without_references(self) -> str:
        w = self.wording
        names = self._file_columns
        sets = [
            (f"r.{w.column(name)}", self._set(self.plan.files, name))
            for name in names
            if self._to(self.plan.files, name)
        ]
        more, condition = w.without(sets)
        columns = ", ".join([w.key, w.uid, *(f"r.{w.column(name)}" for name in names)])
        heads = ", ".join(["k", "uid", *(f"c{number}" for number in range(len(names)))])
        where = f"{w.files}{more} WHERE {w.wanted} AND {condition}{w.limited()}"
        return f"unreferenced ({heads}) AS (SELECT {columns} FROM {where})"

    @property
    def _file_columns(self) -> list[str]:
        """Columns of the files that anything points at."""
        return sorted({key.target_column for key in self.plan.to(self.plan.files)})

    def _to(self, table: str, column: str) -> list[ForeignKey]:
        return [key for key in self.plan.to(table) if key.target_column == column]

    def _set(self, table: str, column: str) -> str:
        """The name of the set of values by which living rows point at `table`.`column`."""
        if (table, column) not in self._sets:
            arms = [self._values(key) for key in self._to(table, column)]
            name = f"pointed{len(self._sets)}"
            self._sets[table, column] = name
            self._with.append(f"{name} (v) AS ({' UNION ALL '.join(arms)})")
        return self._sets[table, column]

    def _values(self, key: ForeignKey) -> str:
        column = f"t.{self.wording.column(key.column)}"
        mortal = self.plan.mortals.get(key.table)
        source = f"SELECT {column} AS v FROM {self.wording.table(key.table)} AS t"
        more, alive = self._alive(mortal) if mortal else ("", "")
        return f"{source}{more} WHERE {column} IS NOT NULL{' AND ' if alive else ''}{alive}"

    def _alive(self, mortal: Mortal) -> tuple[str, str]:
        """What joins t, and the condition under which a row t of a mortal table lives."""
        conditions = [
            f"t.{self.wording.column(column)} IN (SELECT p.v FROM {self._set(mortal.name, column)} AS p)"
            for column in sorted({key.target_column for key in self.plan.to(mortal.name)})
        ]
        if mortal.parent:
            conditions.append(self._with_parent(mortal.parent))
        join = ""
        if mortal.newest:
            join, newest = self._newest(mortal.name, mortal.newest)
            conditions.append(newest)
        return join, f"({' OR '.join(conditions)})"

    def _with_parent(self, parent: ForeignKey) -> str:
        own = f"t.{self.wording.column(parent.column)}"
        if parent.target not in self.plan.mortals:
            return f"{own} IS NOT NULL"
        return f"{own} IN (SELECT p.v FROM {self._living(parent.target, parent.target_column)} AS p)"

    def _living(self, table: str, column: str) -> str:
        """The name of the set of values that living rows of a mortal table have in a column."""
        mortal = self.plan.mortals[table]
        keys = self.plan.to(table)
        if not mortal.parent and not mortal.newest and {key.target_column for key in keys} == {column}:
            return self._set(table, column)  # they live because they are pointed at by just that
        living = (table, f"living {column}")
        if living not in self._sets:
            own = f"t.{self.wording.column(column)}"
            more, alive = self._alive(mortal)
            source = f"SELECT {own} AS v FROM {self.wording.table(table)} AS t{more}"
            self._sets[living] = f"living{len(self._sets)}"
            self._with.append(f"{self._sets[living]} (v) AS ({source} WHERE {own} IS NOT NULL AND {alive})")
        return self._sets[living]

    def _newest(self, table: str, newest: Newest) -> tuple[str, str]:
        """A row whose time or group nobody knows is never superseded."""
        w = self.wording
        time, name = w.column(newest.column), w.table(table)
        latest = f"max(n.{time}) AS latest"
        if newest.per is None:
            join = f" CROSS JOIN (SELECT {latest} FROM {name} AS n) AS g"
            return join, f"t.{time} IS NULL OR t.{time} >= g.latest"
        per = w.column(newest.per)
        groups = f"SELECT n.{per} AS per, {latest} FROM {name} AS n GROUP BY n.{per}"
        join = f" LEFT JOIN ({groups}) AS g ON g.per = t.{per}"
        return join, f"t.{time} IS NULL OR t.{per} IS NULL OR t.{time} >= g.latest"

    def _arm(self, number: int, arm: Arm) -> str:
        w = self.wording
        joins, conditions = "", []
        for position, hop in enumerate(arm.hops):
            joins += f" CROSS JOIN {w.table(hop.table)} AS t{position}"
            before = f"t{position - 1}.{w.column(hop.previous)}" if position else self._of_file(hop.previous)
            conditions.append(f"t{position}.{w.column(hop.column)} = {before}")
        last = f"t{len(arm.hops) - 1}"
        label = w.text(f"{last}.{w.column(arm.label)}" if arm.label else "NULL")
        since = w.text(self._superseded(arm, last) if arm.newest else "NULL")
        values = f"SELECT u.k, {number}, {label}, {since} FROM unreferenced AS u"
        return f"{values}{joins} WHERE {' AND '.join(conditions)}"

    def _of_file(self, column: str) -> str:
        return f"u.c{self._file_columns.index(column)}"

    def _superseded(self, arm: Arm, last: str) -> str:
        """When the first of the newer rows came."""
        w = self.wording
        assert arm.newest is not None  # noqa: S101 -- for the type checker
        time, per = w.column(arm.newest.column), arm.newest.per
        group = f"n.{w.column(per)} = {last}.{w.column(per)} AND " if per else ""
        source = f"{w.table(arm.hops[-1].table)} AS n"
        return f"(SELECT min(n.{time}) FROM {source} WHERE {group}n.{time} > {last}.{time})"
