"""What a database may hold in the other columns, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rows import SqliteRows
from auditor.rows.times import instant
from tests.examples import examples
from tests.rows.making import LOOSE, TABLE, make_db, read_all
from tests.rows.test_pages import BOTH

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
TIMES: list[tuple[Any, datetime | None]] = [
    (NOON.timestamp(), NOON),
    (int(NOON.timestamp()), NOON),
    (NOON.timestamp() + 0.123456, NOON + timedelta(microseconds=123456)),
    (0, EPOCH),
    (-1.5, EPOCH - timedelta(seconds=1.5)),
    ("2024-05-06T12:00:00Z", NOON),
    ("2024-05-06 12:00:00", NOON),
    ("2024-05-06 14:00:00.25+02:00", NOON + timedelta(seconds=0.25)),
    ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
    (None, None),
    ("", None),
    ("soon", None),
    ("9999-12-31T23:59:59-23:00", None),
    (b"2024-05-06", None),
    (NOON.timestamp() * 1000, None),
    (1e300, None),
    (float("inf"), None),
    (-(2**63), None),
    (2**63 - 1, None),
]
SIZES: list[tuple[Any, int | None]] = [
    (0, 0),
    (-1, -1),
    (2**63 - 1, 2**63 - 1),
    (5.0, 5),
    (5.5, None),
    (1e300, None),
    (float("-inf"), None),
    ("12", 12),
    ("-1", -1),
    ("12 kB", None),
    ("012", None),
    ("99999999999999999999", None),
    ("", None),
    (b"12", None),
    (None, None),
]
TEXTS: list[tuple[Any, str | None]] = [
    ("u", "u"),
    (7, "7"),
    (None, None),
    (b"u", None),
    (1.5, None),
    ("a\x00b", "a\x00b"),
]


def values(tmp_path: Path, private_copy: bool, column: int, found: list[Any]) -> list[Any]:
    """What comes out for each value of one column, the others being null."""
    name = ("uid", "key", "size", "content_type", "created_at")[column]
    lines: list[list[Any]] = [[None, f"{n:03}", None, None, None] for n in range(len(found))]
    for line, value in zip(lines, found, strict=True):
        line[column] = value
    path = make_db(tmp_path / "rows.db", lines, LOOSE)
    rows = SqliteRows(path, TABLE, private_copy=private_copy)
    table = rows.lookup([line[1] for line in lines]).to_pylist()
    assert table == read_all(rows)
    return [row[name] for row in table]


@BOTH
@pytest.mark.parametrize(("column", "cases"), [(4, TIMES), (2, SIZES), (0, TEXTS), (3, TEXTS)])
def test_all_together(tmp_path: Path, private_copy: bool, column: int, cases: list[tuple[Any, Any]]) -> None:
    assert values(tmp_path, private_copy, column, [value for value, _ in cases]) == [good for _, good in cases]


@BOTH
@pytest.mark.parametrize(("column", "cases"), [(4, TIMES), (2, SIZES), (0, TEXTS)])
def test_each_alone(tmp_path: Path, private_copy: bool, column: int, cases: list[tuple[Any, Any]]) -> None:
    """Drivers guess a column's type from the values of a page, so a page of one kind is a case of its own."""
    for n, (value, good) in enumerate(cases):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert values(folder, private_copy, column, [value]) == [good]


@BOTH
def test_a_first_value_after_many_nulls(tmp_path: Path, private_copy: bool) -> None:
    many = 70_000
    lines = [(None, f"{n:06}", None, None, None) for n in range(many)] + [("u", "z", 1, "t", 0)]
    rows = SqliteRows(make_db(tmp_path / "rows.db", lines, LOOSE), TABLE, private_copy=private_copy, page_rows=80_000)
    for after, until in ((None, None), ("", "zz")):  # a private copy is sorted, or looked up
        read = pa.concat_tables(rows.pages(after, until))
        assert read.slice(many).to_pylist() == [
            {"key": "z", "uid": "u", "size": 1, "content_type": "t", "created_at": EPOCH}
        ]


@BOTH
def test_text_that_is_not_utf8_stops_nothing(tmp_path: Path, private_copy: bool) -> None:
    schema = LOOSE + "INSERT INTO s3_files VALUES (CAST(x'61ff' AS TEXT), 'k', 1, 't', CAST(x'ff' AS TEXT));"
    rows = SqliteRows(make_db(tmp_path / "rows.db", schema=schema), TABLE, private_copy=private_copy)
    (row,) = read_all(rows)
    assert (row["uid"], row["created_at"]) == ("a\ufffd", None)


@settings(max_examples=examples(100), deadline=None)
@given(st.datetimes(timezones=st.timezones() | st.none()), st.sampled_from(" T"))
def test_iso_times_round_trip(moment: datetime, separator: str) -> None:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        expected: datetime | None = datetime.fromisoformat(aware.isoformat()).astimezone(UTC)
    except OverflowError:
        expected = None
    assert instant(moment.isoformat(separator)) == expected
