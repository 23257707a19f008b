"""Reading side by side, page by page, or looking up: the answer is that of plain sets."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import RowsFailed
from auditor.frames import ROWS
from auditor.rows import SqliteRows
from auditor.scan import present as module
from auditor.scan.elsewhere import keyed
from auditor.scan.present import present
from tests.examples import examples
from tests.rows.making import SCHEMA, TABLE

VALUE = st.text(st.sampled_from("Aab \t/é\ue000\U00010000"), max_size=3)
NUMBERS = st.integers(0, 999).map("{:03}".format)  # many, and close together
VALUES = st.sets(VALUE | NUMBERS, max_size=40) | st.sets(NUMBERS, min_size=60, max_size=200)


@settings(max_examples=examples(80), deadline=None)
@given(there=VALUES, wanted=VALUES, collation=st.sampled_from(["BINARY", "NOCASE"]), page=st.integers(1, 50))
def test_what_is_there_is_found_and_nothing_else(there: set[str], wanted: set[str], collation: str, page: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(f"{SCHEMA} CREATE TABLE owners (uid TEXT COLLATE {collation} UNIQUE);")
            connection.executemany("INSERT OR IGNORE INTO owners VALUES (?)", [(value,) for value in sorted(there)])
            stored = {value for (value,) in connection.execute("SELECT uid FROM owners")}
        owners = SqliteRows(path, TABLE, page_rows=page).other(keyed("owners", "uid"))
        with patch.object(module, "FEW", 4), patch.object(module, "SPARSE", 3):
            found = present(owners, sorted_array(wanted)).to_pylist()
    assert sorted(found) == sorted(stored & wanted)
    assert owners.ordered is (collation == "BINARY")


def sorted_array(values: set[str]) -> pa.Array:
    return pa.array(sorted(values, key=str.encode), pa.string())


class Table:
    """Keys by number, which counts how it is asked."""

    ordered = True

    def __init__(self, keys: range, page: int) -> None:
        self.keys, self.page = [f"{key:06}" for key in keys], page
        self.read = self.looked_up = 0

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        inside = [key for key in self.keys if (after or "") < key <= (until or "~")]
        for start in range(0, len(inside), self.page):
            part = inside[start : start + self.page]
            self.read += len(part)
            yield rows(part)

    def lookup(self, keys: list[str]) -> pa.Table:
        self.looked_up += len(keys)
        there = set(self.keys)
        return rows([key for key in keys if key in there])


def rows(keys: list[str]) -> pa.Table:
    return pa.Table.from_pylist([{"key": key} for key in keys], ROWS)


def test_where_most_is_wanted_only_the_range_is_read() -> None:
    table = Table(range(0, 100_000, 2), 1_000)
    wanted = sorted_array({f"{key:06}" for key in range(20_000, 24_000)})
    assert len(present(table, wanted)) == 2_000
    assert (table.read, table.looked_up) == (2_000, 1)  # 23,999 lies behind the last page


def test_where_little_is_wanted_it_is_looked_up() -> None:
    table = Table(range(100_000), 1_000)
    assert len(present(table, sorted_array({f"{key:06}" for key in range(0, 100_000, 100)}))) == 1_000
    assert table.read == 1_000  # one page showed it
    assert table.looked_up == 990


def test_a_column_in_another_order_is_no_evidence() -> None:
    table = Table(range(2_000), 10)
    table.keys.reverse()
    with pytest.raises(RowsFailed, match="in the order of the bytes"):
        present(table, sorted_array({f"{key:06}" for key in range(1_000)}))
