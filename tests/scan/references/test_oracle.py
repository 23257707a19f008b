"""The one SELECT says what a plain walk over the rows says, whatever the schema and the rows are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec.references import References, Superseded
from tests.examples import examples
from tests.scan.references.making import FILES, asked, drawn_from

Row = dict[str, Any]
ROWS = 4
SORTS = ("use", "owner", "dependant", "superseded", "superseded per")


@dataclass(frozen=True)
class Table:
    """`columns` point at (table, column); for a dependant the first of them at its parent."""

    name: str
    sort: str
    columns: tuple[tuple[str, str], ...]

    def statement(self) -> str:
        columns = [f"c{n} REFERENCES {table}({column})" for n, (table, column) in enumerate(self.columns)]
        own = ["id INTEGER PRIMARY KEY", "uid TEXT UNIQUE", "at REAL", "grp INTEGER"]
        return f"CREATE TABLE {self.name} ({', '.join([*own, *columns])})"


@st.composite
def schemas(draw: st.DrawFn) -> list[Table]:
    """A table's columns point at files and at tables before it; a dependant's parent comes after it, or is a use."""
    sorts = [*draw(st.lists(st.sampled_from(SORTS), min_size=1, max_size=5)), "use"]
    names = [f"t{number}" for number in range(len(sorts))]
    tables = []
    for number, (name, sort) in enumerate(zip(names, sorts, strict=True)):
        targets = st.sampled_from([("s3_files", "id"), ("s3_files", "uid")] + [(n, "id") for n in names[:number]])
        columns = draw(st.lists(targets, min_size=1, max_size=3))
        if sort == "dependant":
            columns = [(draw(st.sampled_from(names[number + 1 :])), draw(st.sampled_from(["id", "uid"]))), *columns]
        tables.append(Table(name, sort, tuple(columns)))
    return tables


@st.composite
def databases(draw: st.DrawFn) -> tuple[list[Table], dict[str, list[Row]]]:
    tables = draw(schemas())
    number = st.one_of(st.none(), st.integers(1, ROWS + 1))  # one that there is not, too
    rows: dict[str, list[Row]] = {}
    for table in tables:
        rows[table.name] = []
        for identity in range(1, draw(st.integers(0, ROWS)) + 1):
            row: Row = {"id": identity, "uid": f"{identity}", "at": draw(number), "grp": draw(number)}
            for n, (_, column) in enumerate(table.columns):
                value = draw(number)
                row[f"c{n}"] = str(value) if column == "uid" and value is not None else value
            rows[table.name].append(row)
    rows["s3_files"] = [{"id": n, "uid": str(n), "key": f"f{n}"} for n in range(1, ROWS + 1)]
    return tables, rows


class Oracle:
    def __init__(self, tables: list[Table], rows: dict[str, list[Row]]) -> None:
        self._tables = {table.name: table for table in tables}
        self._rows = rows
        # an owner that no column points at cannot be told from one whose referrers are not in the schema
        targets = {target for table in tables for target in self._pointing(table).values()}
        self._trusted = {t.name for t in tables if t.sort == "owner" and t.name not in {name for name, _ in targets}}

    @staticmethod
    def _pointing(table: Table) -> dict[str, tuple[str, str]]:
        """Columns that keep alive what they point at."""
        named = {f"c{n}": target for n, target in enumerate(table.columns)}
        return {name: target for name, target in named.items() if not (table.sort == "dependant" and name == "c0")}

    def referred(self, name: str, row: Row) -> bool:
        return any(
            other[column] is not None and other[column] == row[target_column] and self.alive(table, other)
            for table in self._tables.values()
            for column, (target, target_column) in self._pointing(table).items()
            if target == name
            for other in self._rows[table.name]
        )

    def alive(self, table: Table, row: Row) -> bool:
        if table.sort == "use" or table.name in self._trusted or self.referred(table.name, row):
            return True
        if table.sort == "dependant":
            return self._parent_lives(table, row["c0"])
        if table.sort.startswith("superseded"):
            return not any(self._newer(table, row, other) for other in self._rows[table.name])
        return False

    def _parent_lives(self, table: Table, value: Any) -> bool:
        target, column = table.columns[0]
        parent = self._tables[target]
        if value is None or parent.sort == "use":
            return value is not None
        if target in self._trusted:
            return True
        there = [row for row in self._rows[target] if row[column] == value]
        if parent.sort == "owner" and not there:  # a row that is lost and still referred to does no harm
            return self.referred(target, {"id": value, "uid": value})
        return any(self.alive(parent, row) for row in there)

    @staticmethod
    def _newer(table: Table, row: Row, other: Row) -> bool:
        if row["at"] is None or other["at"] is None or other["at"] <= row["at"]:
            return False
        return table.sort == "superseded" or (row["grp"] is not None and row["grp"] == other["grp"])


def said(tables: list[Table]) -> References:
    of = {sort: tuple(table.name for table in tables if table.sort == sort) for sort in SORTS}
    per = {name: Superseded("at", "grp") for name in of["superseded per"]}
    newest = {name: Superseded("at") for name in of["superseded"]}
    dependants = dict.fromkeys(of["dependant"], "c0")
    files = {"s3_files", *(table.name for table in tables if table.sort != "use")}
    uses = [table.name for table in tables if table.sort == "use" and files & {name for name, _ in table.columns}]
    return References(uses=tuple(uses), owners=of["owner"], dependants=dependants, superseded=newest | per)


@settings(max_examples=examples(100), deadline=None)
@given(databases())
def test_the_question_says_what_a_walk_says(made: tuple[list[Table], dict[str, list[Row]]]) -> None:
    tables, rows = made
    oracle = Oracle(tables, rows)
    with closing(sqlite3.connect(":memory:")) as connection:
        fill(connection, tables, rows)
        if not any(target[0] == "s3_files" for table in tables for target in oracle._pointing(table).values()):
            return
        drawn = drawn_from(connection, said(tables))
        found = asked(connection, drawn)
    expected = {row["key"] for row in rows["s3_files"] if not oracle.referred("s3_files", row)}
    assert {key for key, arm, _ in found if arm == 0} == expected
    assert sorted(one for one in found if one[1]) == sorted(walked(drawn.plan.arms, rows, expected))


def walked(arms: Any, rows: dict[str, list[Row]], keys: set[str]) -> list[tuple[str, int, str | None]]:
    """Every arm gone by hand."""
    found = []
    for number, arm in enumerate(arms, start=1):
        ways = [(row["key"], row) for row in rows["s3_files"] if row["key"] in keys]
        for hop in arm.hops:
            ways = [
                (key, row)
                for key, before in ways
                for row in rows[hop.table]
                if row[hop.column] is not None and row[hop.column] == before[hop.previous]
            ]
        found += [(key, number, row[arm.label] if arm.label else None) for key, row in ways]
    return found


def fill(connection: sqlite3.Connection, tables: list[Table], rows: dict[str, list[Row]]) -> None:
    connection.execute(FILES)
    for table in tables:
        connection.execute(table.statement())
    for name, values in rows.items():
        for row in values:
            marks = ", ".join(f":{column}" for column in row)
            connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", row)
