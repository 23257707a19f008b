"""Who referred to a row, what it said, and what went with it, in histories that are not so plain."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.frames import ROWS
from auditor.tracing.gone import gone_between
from tests.rows.making import make_db
from tests.scanning import auditor
from tests.tracing.making import (
    Service,
    at,
    edges,
    export_key,
    key_of,
    loose,
    marks,
    original_key,
    series,
    told,
    uid,
)


def change(service: Service, table: str, row: int, number: float, **values: Any) -> None:
    """An UPDATE of the row with this id, between two backups."""
    old = next(one for one in service.ledger.rows if one.table == table and one.values["id"] == row and not one.died)
    old.died = at(number)
    service.ledger.insert_again(table, {**old.values, **values}, at(number))


def folder_of(service: Service, count: int, tmp_path: Path) -> Path:
    return loose(series(service, count), tmp_path / "loose")


def test_a_row_that_changed_and_one_that_took_its_place(tmp_path: Path) -> None:
    made = Service()
    first = made.file(export_key(1), 1.5)
    change(made, "s3_files", first, 5.5, file_size=77, content_type="image/png")
    next(row for row in made.ledger.rows if row.values["id"] == first and not row.died).died = at(9.5)
    made.file(export_key(1), 9.5)
    folder = folder_of(made, 12, tmp_path)
    said = told(export_key(1), "--backups", folder)
    assert edges(said) == [(2, 10), (10, None)]
    one, other = said["rows"]
    assert [version["rows"][0]["file_size"] for version in one["versions"]] == [1001, 77]
    assert one["changes"][0]["by"] == key_of(6).rpartition("/")[2]
    assert (one["went"], other["came"]) == (other["came"], one["went"])
    result = auditor("trace", export_key(1), "--backups", str(folder))
    assert "\nRow 1 of 2 that had this key\n" in result.stdout
    assert (
        "What it said up to 2026-01-03T12:00:00Z:\n  uid           oseh_s3f_0000000000000000000001\n" in result.stdout
    )
    assert (
        "Changed between 2026-01-03T12:00:00Z and 2026-01-04T00:00:00Z:\n"
        "  file_size  1001 -> 77\n"
        "  content_type  image/webp -> image/png\n" in result.stdout
    )


def test_a_use_that_turns_to_another_image_has_let_go(tmp_path: Path) -> None:
    made = Service()
    image, other = made.image(1, 0, 5.5), made.image(2, 0)
    made.export(1, image, 0, 5.5)
    use = made.picture(1, image, 0)
    change(made, "email_images", use, 5.5, image_file_id=other)
    (row,) = told(export_key(1), "--backups", folder_of(made, 8, tmp_path))["rows"]
    (export,) = row["referrers"]
    (image_node,) = export["referrers"]
    assert [(one["uid"], one["fate"]) for one in image_node["referrers"]] == [(uid("ei", 1), "let go")]
    assert (export["fate"], image_node["fate"]) == ("went", "went")
    assert [(file["key"], file["went"]) for file in row["went_with_it"]["files_of_owners"]] == [(original_key(1), True)]


def test_texts_that_name_an_owner_or_the_key_itself(tmp_path: Path) -> None:
    made = Service()
    image = made.image(1, 0)
    made.export(1, image, 0)
    schema = '{"image": "' + uid("if", 1) + '"}'
    made.ledger.insert("client_screens", at(0), uid=uid("cs", 1), schema=schema, created_at=1.0)
    user = made.ledger.insert("users", at(0), sub="sub", given_name=None, created_at=1.0)
    reason = '{"key": "' + export_key(1).replace("/", "\\/") + '"}'
    log = {"uid": uid("mal", 1), "user_id": user, "operation_uid": "op", "reason": reason, "created_at": 1.0}
    made.ledger.insert("merge_account_log", at(0), **log)
    (row,) = told(export_key(1), "--backups", folder_of(made, 2, tmp_path))["rows"]
    export, merged = row["referrers"]
    assert (merged["table"], merged["how"], merged["column"]) == ("merge_account_log", "mentions", "reason")
    ((screen,),) = [image["referrers"] for image in export["referrers"]]
    assert (screen["table"], screen["uid"], screen["how"]) == ("client_screens", uid("cs", 1), "mentions")


def test_parts_of_an_upload_belong_together(tmp_path: Path) -> None:
    made = Service()
    jobs = dict.fromkeys(("success_job_name", "success_job_kwargs", "failure_job_name", "failure_job_kwargs"), "{}")
    upload = made.ledger.insert("s3_file_uploads", at(0), uid=uid("s3fu", 1), **jobs, created_at=1.0, expires_at=2.0)
    keys = [f"s3_files/uploads/{uid('s3fu', 1)}/{number}/token{number:06}" for number in (1, 2, 3)]
    for number, key in enumerate(keys, 1):
        file = made.file(key, 0, 3.5)
        values = {"uid": uid("part", number), "s3_file_upload_id": upload, "part_number": number, "start_byte": 0}
        made.ledger.insert("s3_file_upload_parts", at(0), at(3.5), **values, end_byte=9, s3_file_id=file)
    (row,) = told(keys[1], "--backups", folder_of(made, 6, tmp_path))["rows"]
    ((part,),) = [row["referrers"]]
    assert [(part["table"], part["fate"]), *[(one["table"], one["fate"]) for one in part["referrers"]]] == [
        ("s3_file_upload_parts", "went"),
        ("s3_file_uploads", "stayed"),
    ]
    assert [file["key"] for file in row["went_with_it"]["files_of_owners"]] == [keys[0], keys[2]]


def test_lists_are_bounded_and_say_how_many_more(tmp_path: Path) -> None:
    made = Service()
    image = made.image(1, 0)
    for number in range(1, 23):
        made.export(number, image, 0, 2.5)
        made.picture(number, image, 0)
    folder = folder_of(made, 4, tmp_path)
    result = auditor("trace", export_key(1), "--backups", str(folder))
    assert result.stdout.count("email_images oseh_ei_") == 20
    assert "\n             └─ and 2 more by email_images.image_file_id\n" in result.stdout
    assert "  Of 22 other files of the same owners, 21 went:\n" in result.stdout
    assert "\n               and 1 more (--format json)\n" in result.stdout
    (row,) = told(export_key(1), "--backups", folder)["rows"]
    assert len(row["went_with_it"]["files_of_owners"]) == 22
    assert len(row["referrers"][0]["referrers"][0]["referrers"]) == 22


def test_another_database_is_not_taken_for_a_loss_without_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    rows = [(f"u{number}", f"k{number}", 1, "x", at(-9)) for number in range(200)]
    for number, there in enumerate((rows[:-1], rows, [("v", "other", 1, "x", 1.0)])):
        make_db(folder / f"{int(at(number))}.bak", there)
    said = auditor("trace", "k199", "--backups", str(folder)).stdout.replace("\n", " ")
    assert "It says that it was created at 2025-12-27T12:00:00Z, though a later backup lacks it." in said
    assert "That is most of the table: the later of the two may be a backup of another database." in said
    few = auditor("trace", "k199", "--backups", str(folder), "--until", "2026-01-01T12:00:00Z").stdout
    assert "most of the table" not in few


def test_a_backup_from_before_a_column_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    old = "CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT, key TEXT, file_size INTEGER);"
    with closing(sqlite3.connect(folder / key_of(0).rpartition("/")[2])) as connection, connection:
        connection.executescript(old)
        connection.execute("INSERT INTO s3_files VALUES (1, 'u1', ?, 5)", (export_key(1),))
    row = ("u1", export_key(1), 5, "image/webp", 1.7e9)
    make_db(folder / key_of(1).rpartition("/")[2], [row])
    result = auditor("trace", export_key(1), "--backups", str(folder))
    assert "  content_type  no such column -> image/webp\n" in result.stdout
    assert "file_size  5 ->" not in result.stdout
    assert "Note: the schema has no foreign key to s3_files, so who refers to it is not known.\n" in result.stdout


@pytest.mark.parametrize("key", ["=a'b\"c%_\\", "x\x1b[2Jy\nnaïve", "\N{RIGHT-TO-LEFT OVERRIDE}z"])
def test_any_key_is_only_text(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    for number in range(3):
        rows = [("u\x1b[31m", key, 5, "\x1b]0;x\x07", 1.7e9)] if number < 2 else []
        make_db(folder / f"{int(at(number))}.bak", [*rows, ("u2", "other", 1, "b", 1.7e9)])
    result = auditor("trace", "--backups", str(folder), "--", key)
    assert result.exit_code == 0
    assert not set(result.stdout) & {"\x1b", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"}
    said = told("--backups", folder, "--", key)
    hostile = folder / os.fsdecode(b"x\x1b[2J\xff.bak")
    make_db(hostile)
    os.utime(hostile, (at(9), at(9)))
    result = auditor("trace", "--backups", str(folder), "--", key)
    assert "○ absent       x\\x1b[2J\\udcff.bak  (time of the file" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
    assert told("--backups", folder, "--", key)["backups"][-1]["name"] == "x\x1b[2J\N{REPLACEMENT CHARACTER}.bak"
    assert (said["key"], marks(said)) == (key, "PPA")
    assert said["rows"][0]["went_with_it"]["examples_gone"] == [{"key": key, "uid": "u\x1b[31m"}]


def test_files_without_a_time_in_their_names_have_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "loose"
    (folder / "old").mkdir(parents=True)
    for number, name in ((2, "c.db"), (1, "b.SQLITE"), (0, "old/a.bak"), (3, "notes.txt")):
        make_db(folder / name, [("u", export_key(1), 1, "x", 1.0)] if number == 1 else [])
        os.utime(folder / name, (at(number), at(number)))
    (folder / "link.bak").symlink_to(folder / "c.db")
    result = auditor("trace", export_key(1), "--backups", str(folder))
    assert (
        "  2026-01-01T00:00:00Z  ○ absent       old/a.bak  (time of the file, its name tells none)\n"
        "  2026-01-01T12:00:00Z  ● present      b.SQLITE  (time of the file, its name tells none)\n"
        "  2026-01-02T00:00:00Z  ○ absent       c.db  (time of the file, its name tells none)\n" in result.stdout
    )
    assert sorted(path.name for path in folder.rglob("*")) == [
        "a.bak",
        "b.SQLITE",
        "c.db",
        "link.bak",
        "notes.txt",
        "old",
    ]


class Pages:
    """Rows (key, uid, size) in key order, a few on a page."""

    def __init__(self, files: Mapping[str, tuple[str, int]]) -> None:
        rows = [(key, uid, size, "x", None) for key, (uid, size) in files.items()]
        self.rows = sorted(rows, key=lambda row: row[0].encode())

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        low, high = (after or "").encode(), None if until is None else until.encode()
        wanted = [
            row
            for row in self.rows
            if (after is None or row[0].encode() > low) and (high is None or row[0].encode() <= high)
        ]
        for start in range(0, len(wanted), 3):
            columns = zip(*wanted[start : start + 3], strict=True)
            yield pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, ROWS, strict=True)], schema=ROWS)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
FILES = st.dictionaries(TEXT, st.tuples(st.sampled_from(["u1", "u2"]), st.integers(-1, 9)), max_size=12)


@settings(deadline=None, max_examples=50)
@given(FILES, FILES)
def test_rows_that_went_are_those_that_sets_say(
    before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]
) -> None:
    gone = gone_between(Pages(before), Pages(after), lambda keys: [None] * len(keys), 5)  # type: ignore[arg-type]
    there = {(key, uid) for key, (uid, _) in after.items()}
    went = sorted((key.encode(), uid, size) for key, (uid, size) in before.items() if (key, uid) not in there)
    assert (gone.before, gone.rows) == (len(before), len(went))
    assert gone.size == sum(max(size, 0) for _, _, size in went)
    assert gone.examples == [(key.decode(), uid) for key, uid, _ in went][:5]
