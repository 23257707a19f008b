"""Pages of rows are in the order of the keys' bytes and within their range, or they are none."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import RowsFailed
from auditor.rows.order import in_order


def pages(*keys: str) -> list[pa.Table]:
    """One page for each word, one row for each of its letters."""
    return [pa.table({"key": pa.array(list(page), pa.string())}) for page in keys]


def read(tables: list[pa.Table], after: str | None = None, until: str | None = None) -> str:
    return " ".join("".join(table["key"].to_pylist()) for table in in_order(tables, after, until))


@pytest.mark.parametrize(
    "keys", [(), ("a",), ("aabb", "c"), ("a", "", "b"), ("Z", "a", "\u00e9", "\uffff", "\U00010000")]
)
def test_what_is_in_order_passes_as_it_is(keys: tuple[str, ...]) -> None:
    assert read(pages(*keys)) == " ".join(page for page in keys if page)
    assert read(pages(*keys), "0", "\U0010ffff") == " ".join(page for page in keys if page)


@pytest.mark.parametrize("keys", [("ba",), ("ab", "b"), ("ab", "a"), ("ab", "ab"), ("aB",), ("\U00010000\uffff",)])
def test_what_is_out_of_order_or_comes_twice_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(RowsFailed, match="came after"):
        read(pages(*keys))


def test_what_lies_outside_of_the_range_is_refused() -> None:
    assert read(pages("bc"), "a", "c") == "bc"
    with pytest.raises(RowsFailed):
        read(pages("bc"), "b", "c")
    with pytest.raises(RowsFailed, match="beyond 'b'"):
        read(pages("bc"), "a", "b")


def test_pages_before_the_fault_are_given() -> None:
    tables = in_order(pages("ab", "ba"), None, None)
    assert next(tables)["key"].to_pylist() == ["a", "b"]
    with pytest.raises(RowsFailed):
        next(tables)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), unique=True), st.integers(1, 4))
def test_the_order_is_that_of_the_bytes(keys: list[str], rows: int) -> None:
    ordered = sorted(keys, key=str.encode)
    tables = [pa.table({"key": pa.array(ordered[n : n + rows], pa.string())}) for n in range(0, len(keys), rows)]
    assert [key for table in in_order(tables, None, None) for key in table["key"].to_pylist()] == ordered
