"""REF005, REF007 and UPL002 while tables change, lack something, or cannot be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from auditor.errors import RowsFailed
from auditor.plugins import load_rules
from auditor.rows import RowTable, SqliteRows
from auditor.rows.base import OtherTable
from auditor.scan.rulebook import all_infos, columns_read
from auditor.scan.sides import Side, sides_of
from tests.scan.fakes import NOW, OLD, YOUNG, MemoryStore
from tests.scan.running import UID, Ran, run, shipped

EXPORT = f"s3_files/images/exports/oseh_ife_{UID}/aaaaaaaaaaA.png"
PART = f"s3_files/uploads/oseh_s3fu_{UID}/1/aaaaaaaaaaA"
BODY = b"12345"
FILES = (
    "CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT, key TEXT UNIQUE, file_size INT, content_type TEXT, "
    "created_at REAL)"
)
EXPORTS = "CREATE TABLE image_file_exports (uid TEXT UNIQUE)"
UPLOADS = "CREATE TABLE s3_file_uploads (uid TEXT UNIQUE, completed_at REAL, expires_at REAL)"
PARTS = "CREATE TABLE s3_file_upload_parts (s3_file_id INT, start_byte INT, end_byte INT)"
CODES = ("REF005", "REF007", "UPL002")


class Database(SqliteRows):
    """Calls `before` ahead of every question to another table."""

    before: Callable[[str], None] = staticmethod(lambda table: None)

    def other(self, table: RowTable) -> OtherTable:
        made = super().other(table)
        return Asked(made, lambda: self.before(table.name))


class Asked:
    ordered = True

    def __init__(self, table: OtherTable, before: Callable[[], None]) -> None:
        self._table, self._before = table, before

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        self._before()
        yield from self._table.pages(after, until)

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        self._before()
        return self._table.lookup(keys)


def database(path: Path, *statements: str, key: str = EXPORT, created: datetime = OLD) -> Database:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in (FILES, *statements):
            connection.execute(statement)
        kind = "image/png" if key == EXPORT else "application/octet-stream"
        insert = "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES (?, ?, ?, ?, ?)"
        connection.execute(insert, ("u", key, len(BODY), kind, created.timestamp()))
    return Database(path, RowTable())


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def sides(rows: SqliteRows) -> list[Side]:
    rules = load_rules()
    return sides_of(rows, shipped(), columns_read(rules, all_infos(rules)))


def audited(folder: Path, rows: SqliteRows, key: str = EXPORT, modified: datetime = OLD, **more: Any) -> Ran:
    store = MemoryStore({key: (modified, BODY)})
    return run(folder, store, rows, sides=sides(rows), **more)


def said(ran: Ran) -> set[str]:
    return {finding.rule for finding in ran.found} & set(CODES)


def test_a_missing_owner_is_named(tmp_path: Path) -> None:
    ran = audited(tmp_path, database(tmp_path / "db", EXPORTS))
    (finding,) = ran.found
    assert (finding.rule, finding.key, str(finding.status)) == ("REF005", EXPORT, "confirmed")
    assert finding.message == (
        f"image_file_export_uid is 'oseh_ife_{UID}', and image_file_exports.uid has no such value. "
        "It was looked for twice."
    )
    assert ran.summary["complete"]


@pytest.mark.parametrize("owner", [f"oseh_ife_{UID}", f"oseh_ife_{UID}".upper(), f"oseh_ife_{UID} "])
def test_only_the_same_bytes_are_the_owner(tmp_path: Path, owner: str) -> None:
    rows = database(tmp_path / "db", "CREATE TABLE image_file_exports (uid TEXT COLLATE NOCASE UNIQUE)")
    change(tmp_path / "db", "INSERT INTO image_file_exports VALUES (?)", owner)
    assert bool(said(audited(tmp_path, rows))) is (owner != f"oseh_ife_{UID}")


def test_an_owner_that_came_between_the_looks_is_there(tmp_path: Path) -> None:
    rows = database(tmp_path / "db", EXPORTS)
    asked: list[str] = []

    def before(table: str) -> None:
        asked.append(table)
        if len(asked) == 2:
            change(tmp_path / "db", "INSERT INTO image_file_exports VALUES (?)", f"oseh_ife_{UID}")

    rows.before = before  # type: ignore[method-assign]
    assert said(audited(tmp_path, rows)) == set()
    assert asked == ["image_file_exports"] * 2


@pytest.mark.parametrize(("modified", "created"), [(YOUNG, OLD), (OLD, YOUNG)])
def test_nothing_young_is_accused(tmp_path: Path, modified: datetime, created: datetime) -> None:
    rows = database(tmp_path / "db", EXPORTS, created=created)
    assert said(audited(tmp_path, rows, modified=modified)) == set()


@pytest.mark.parametrize(
    ("statements", "because"),
    [([], "has no table image_file_exports"), (["CREATE TABLE image_file_exports (id INT)"], "has no column uid")],
)
def test_a_table_that_is_not_there_accuses_nobody_and_is_said(
    tmp_path: Path, statements: list[str], because: str
) -> None:
    ran = audited(tmp_path, database(tmp_path / "db", *statements))
    assert said(ran) == set()
    assert ran.summary["complete"]
    (entry,) = [one for one in ran.summary["not_audited"] if one["what"].startswith("owners of")]
    assert entry["what"] == "owners of image_file_export_uid in images/exports"
    assert because in entry["because"]


def test_parts_whose_table_is_not_there_are_said_to_be_unaudited(tmp_path: Path) -> None:
    ran = audited(tmp_path, database(tmp_path / "db", UPLOADS, key=PART), PART)
    assert said(ran) == {"REF005"}
    (entry,) = [one for one in ran.summary["not_audited"] if one["what"].startswith("sizes")]
    assert entry == {"what": "sizes of parts in uploads", "because": "the database lacks a table or column for it"}


@pytest.mark.parametrize("failing", [1, 2])
def test_a_table_that_cannot_be_read_accuses_nobody_and_the_run_is_incomplete(tmp_path: Path, failing: int) -> None:
    rows = database(tmp_path / "db", EXPORTS)
    asked: list[str] = []

    def before(table: str) -> None:
        asked.append(table)
        if len(asked) == failing:
            raise RowsFailed("the connection broke")

    rows.before = before  # type: ignore[method-assign]
    ran = audited(tmp_path, rows)
    assert said(ran) == set()
    assert not ran.summary["complete"]
    assert ran.summary["errors"] == [{"what": "owners of the uids in keys", "message": "the connection broke"}]


def upload(done: datetime | None, deadline: datetime | None, end: int = len(BODY)) -> list[str]:
    times = ["NULL" if at is None else str(at.timestamp()) for at in (done, deadline)]
    values = f"INSERT INTO s3_file_uploads VALUES ('oseh_s3fu_{UID}', {', '.join(times)})"
    return [UPLOADS, PARTS, values, f"INSERT INTO s3_file_upload_parts VALUES (1, 0, {end})"]


@pytest.mark.parametrize(
    ("done", "deadline", "stale"),
    [
        (OLD, None, "was finished"),
        (None, OLD, "expired"),
        (OLD, OLD + timedelta(days=1), "was finished"),
        (YOUNG, OLD, "expired"),
        (YOUNG, NOW, None),
        (None, NOW + timedelta(days=1), None),
        (NOW - timedelta(hours=25), None, "was finished"),
        (NOW - timedelta(hours=23), None, None),
        (None, None, None),
    ],
)
def test_a_part_is_stale_when_its_upload_ended_long_ago(
    tmp_path: Path, done: datetime | None, deadline: datetime | None, stale: str | None
) -> None:
    ran = audited(tmp_path, database(tmp_path / "db", *upload(done, deadline), key=PART), PART)
    assert said(ran) == ({"REF007"} if stale else set())
    assert all(stale and f"By s3_file_uploads it is of something that {stale} " in one.message for one in ran.found)


def test_an_upload_that_is_gone_is_a_missing_owner_and_nothing_else(tmp_path: Path) -> None:
    rows = database(tmp_path / "db", UPLOADS, PARTS, "INSERT INTO s3_file_upload_parts VALUES (1, 0, 5)", key=PART)
    assert said(audited(tmp_path, rows, PART)) == {"REF005"}


def test_an_upload_whose_deadline_was_moved_between_the_looks_is_not_stale(tmp_path: Path) -> None:
    rows = database(tmp_path / "db", *upload(None, OLD), key=PART)
    asked: list[str] = []

    def before(table: str) -> None:
        asked.append(table)
        if asked.count("s3_file_uploads") == 4:  # owner, two times; then the second look begins
            change(tmp_path / "db", "UPDATE s3_file_uploads SET expires_at = 9e9")

    rows.before = before  # type: ignore[method-assign]
    assert said(audited(tmp_path, rows, PART)) == set()


@pytest.mark.parametrize(
    ("statements", "wrong"),
    [
        (upload(None, NOW, 5), False),
        (upload(None, NOW, 6), True),
        ([*upload(None, NOW, 6), "INSERT INTO s3_file_upload_parts VALUES (1, 0, 5)"], False),  # rows disagree
        ([*upload(None, NOW, 5), "INSERT INTO s3_file_upload_parts VALUES (1, 0, 6)"], False),
        (upload(None, NOW, 6)[:-1], False),  # no row says so
    ],
)
def test_the_range_of_a_part_says_its_size(tmp_path: Path, statements: list[str], *, wrong: bool) -> None:
    ran = audited(tmp_path, database(tmp_path / "db", *statements, key=PART), PART)
    assert said(ran) == ({"UPL002"} if wrong else set())
    assert [one.message for one in ran.found] == ["The part has 5 bytes, and its range 6."] * wrong


def test_what_no_rule_reads_is_not_looked_up(tmp_path: Path) -> None:
    rows = database(tmp_path / "db", EXPORTS)
    rules = load_rules()
    assert [side.name for side in sides_of(rows, shipped(), columns_read(rules, ["REF005"]))] == [
        "owners of the uids in keys"
    ]
    assert sides_of(rows, shipped(), columns_read(rules, ["REF001", "REF009", "JRN001"])) == []
    assert sides_of(None, shipped(), columns_read(rules, all_infos(rules))) == []
