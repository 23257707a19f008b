"""A private copy that is read from end to end is sorted once, on disk; a small part of it is looked up."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rows import SqliteRows, in_order
from auditor.rows.columns import raw_batch
from auditor.rows.in_order import InOrder
from auditor.rows.spool import Spool
from tests.examples import examples
from tests.rows.making import LOOSE, TABLE, keys_of, make_db, plain

KEYS = [f"k/{n * 7919 % 1000:04}" for n in range(1000)]
ORDERED = sorted(KEYS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_db(tmp_path / "rows.db", plain(KEYS))


def is_sorted(rows: SqliteRows) -> bool:
    return rows._in_order is not None and rows._in_order.spool is not None


@pytest.mark.parametrize(
    ("after", "until", "expected"), [(None, "k/0500", True), ("k/0500", None, True), ("k/0", "k/0500", False)]
)
def test_an_open_end_says_that_everything_is_wanted(
    path: Path, after: str | None, until: str | None, expected: bool
) -> None:
    rows = SqliteRows(path, TABLE, private_copy=True)
    wanted = [key for key in ORDERED if (after is None or key > after) and (until is None or key <= until)]
    assert keys_of(rows, after, until) == wanted
    assert is_sorted(rows) is expected


def test_many_look_ups_say_so_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_order, "_FEW_ROWS", 100)
    rows = SqliteRows(path, TABLE, private_copy=True)
    seen = [(len(keys_of(rows, f"k/0{n}", f"k/0{n}99")), is_sorted(rows)) for n in range(5)]
    assert seen == [(100, False), (100, False), (100, False), (100, True), (100, True)]


def test_a_live_file_is_never_sorted(path: Path) -> None:
    rows = SqliteRows(path, TABLE)
    assert keys_of(rows) == ORDERED
    assert rows._in_order is None


def test_nothing_is_left_in_the_folder(path: Path) -> None:
    rows = SqliteRows(path, TABLE, private_copy=True)
    pages = rows.pages(None, None)
    assert next(pages).num_rows
    assert list(path.parent.iterdir()) == [path]
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    rows.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before - 1
    assert keys_of(rows) == ORDERED  # by look-ups
    assert not is_sorted(rows)


def test_without_room_rows_are_looked_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("auditor.rows.spool.os.write", full)
    rows = SqliteRows(path, TABLE, private_copy=True, page_rows=300)
    assert keys_of(rows) == ORDERED
    assert not is_sorted(rows)


def test_keys_that_are_no_text_are_counted_once(tmp_path: Path) -> None:
    path = make_db(tmp_path / "rows.db", plain([*KEYS, None, b"blob"]), LOOSE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO s3_files (uid, key) VALUES ('x', CAST(? AS TEXT))", (b"k/\xff",))
    rows = SqliteRows(path, TABLE, private_copy=True)
    assert keys_of(rows, "k/", "l") == ORDERED
    assert rows.unreadable_keys == 3
    assert keys_of(rows) == ORDERED
    assert rows.unreadable_keys == 3
    rows.close()
    assert rows.unreadable_keys == 3


def test_sizes_and_times_of_one_type_are_read_as_they_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InOrder, "_any", lambda _: iter(()))
    rows = SqliteRows(path, TABLE, private_copy=True)
    assert keys_of(rows) == ORDERED
    assert is_sorted(rows)


TIMES = [1.7e9, 1_700_000_000.123456, 253_402_300_799, -62_135_596_800, 2.6e11, float("inf"), 2**62]
ODD = {
    "uid": [7, 1.5, b"blob", None, "text"],
    "file_size": [12.0, 12.5, 1e300, "12", "large", b"12", None, -1, 2**53 + 1, 2**63 - 1],
    "content_type": [7, 1.5, b"blob", None],
    "created_at": [*TIMES, "soon", "2024-05-06 07:08:09", b"x", None, -0.0000005, 0.0000005],
}


@pytest.mark.parametrize("place", [3, 950])
@pytest.mark.parametrize(("column", "value"), [(name, value) for name, values in ODD.items() for value in values])
def test_odd_values_are_what_look_ups_make_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, value: object, place: int
) -> None:
    """In the first batch, where the driver may choose a wider type, and in a later one, where it cannot."""
    monkeypatch.setattr(in_order, "_CHUNK_ROWS", 100)
    path = make_db(tmp_path / "rows.db", plain(KEYS), LOOSE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE s3_files SET {column} = ? WHERE key = ?", (value, ORDERED[place]))
    private = SqliteRows(path, TABLE, private_copy=True)
    pages = [page.to_pylist() for page in private.pages(None, None)]
    assert is_sorted(private)
    assert [row for page in pages for row in page] == SqliteRows(path, TABLE).lookup(KEYS).to_pylist()


def batches(keys: list[str], sizes: list[int]) -> Iterator[pa.Table]:
    rows = [(key.encode(), str(n).encode(), n, None, None, None) for n, key in enumerate(keys)]
    for size in sizes:
        yield pa.Table.from_batches([raw_batch(rows[:size])])
        rows = rows[size:]
    yield pa.Table.from_batches([raw_batch(rows)])


@settings(max_examples=examples(60), deadline=None)
@given(
    keys=st.lists(st.text("ab\u00e9\U00010000", max_size=2), max_size=40),
    sizes=st.lists(st.integers(0, 6), max_size=8),
    bounds=st.tuples(*[st.none() | st.text("ab\u00e9\U00010000", max_size=2)] * 2),
)
def test_any_batches_any_range(keys: list[str], sizes: list[int], bounds: tuple[str | None, str | None]) -> None:
    after, until = bounds
    ordered = sorted(keys)
    spool = Spool(batches(ordered, sizes), Path(tempfile.gettempdir()))
    pages = list(spool.pages(after, until))
    spool.close()
    wanted = [n for n, k in enumerate(ordered) if (after is None or k > after) and (until is None or k <= until)]
    assert [int(uid) for page in pages for uid in page["uid"].to_pylist()] == wanted
    assert sum(len(set(page["key"].to_pylist())) for page in pages) == len({ordered[n] for n in wanted})
    assert all(page.num_rows for page in pages)
