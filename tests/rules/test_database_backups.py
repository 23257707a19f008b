"""BAK001: cuts, overwritten pages, other files and hostile schemas, on a private copy that goes however it ends."""

from __future__ import annotations

import io
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import ObjectUnreadable
from auditor.formats import private_copy, sqlite_check
from auditor.formats.sqlite_header import HEADER_BYTES
from auditor.protocols import Depth
from auditor.spec import compile_specification
from rules.backups import DatabaseBackupRule, database
from rules.shipped import file_service
from tests.rules.contents import bits, judge
from tests.world.bodies import course_zip, png, redis_backup

RULE = DatabaseBackupRule()
FAMILY = compile_specification(*file_service()).family("backup/database")
SCHEMA = """
CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL, file_size INTEGER NOT NULL);
CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
"""


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where private copies go; a test is red when one is left there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def made(script: str = SCHEMA, rows: int = 300, page: int = 1024, journal: str = "delete") -> bytes:
    folder = Path(__file__).parent
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "made.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA page_size = {page}")
            connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.executescript(script)
            values = [(f"oseh_s3f_{number:022}", f"s3_files/images/{number:09}", number) for number in range(rows)]
            if rows:
                connection.executemany("INSERT INTO s3_files (uid, key, file_size) VALUES (?, ?, ?)", values)
            connection.commit()
        return path.read_bytes()


SOUND = made()


@pytest.mark.parametrize("page", [512, 4096, 65536])
@pytest.mark.parametrize("journal", ["wal", "delete"])
@pytest.mark.parametrize("depth", list(Depth))
def test_a_sound_backup_passes(page: int, journal: str, depth: Depth) -> None:
    body = made(page=page, journal=journal, rows=20)
    assert judge(RULE, body, depth, family=FAMILY).problems == []


@pytest.mark.parametrize("length", [0, 1, 15, 16, 50, 99, 107, 108, 500, 1024, 5000, len(SOUND) - 1024, len(SOUND) - 1])
@pytest.mark.parametrize("depth", list(Depth))
def test_every_cut_is_seen(length: int, depth: Depth) -> None:
    assert judge(RULE, SOUND[:length], depth).subjects == ["header"]


def test_what_is_left_over_is_seen() -> None:
    judged = judge(RULE, SOUND + bytes(1024), Depth.HEADERS)
    pages = len(SOUND) // 1024
    assert judged.text == (
        f"The backup has {len(SOUND) + 1024:,} bytes; expected {len(SOUND):,}, "
        f"since its header says {pages} pages of 1,024 bytes."
    )


@pytest.mark.parametrize("page", [1, 3, len(SOUND) // 2048, len(SOUND) // 1024 - 1])
@pytest.mark.parametrize("filler", [b"\x00", b"\x5a", b"\xff"])
def test_an_overwritten_page_is_seen_when_all_is_read(page: int, filler: bytes) -> None:
    body = SOUND[: page * 1024] + filler * 1024 + SOUND[(page + 1) * 1024 :]
    assert judge(RULE, body).subjects == ["integrity"]
    assert judge(RULE, body, Depth.HEADERS).problems == []


def test_bits_of_the_header_that_matter() -> None:
    """The magic, the page size, the versions, the fractions, the length, what is reserved."""
    places = [*range(18), 18, 19, 21, 22, 23, 28, 29, 30, 31, *range(72, 92)]
    unseen = {at for at, flipped in bits(SOUND, places) if not judge(RULE, flipped, Depth.HEADERS).problems}
    assert unseen == set()


def test_rows_that_an_index_lacks_are_seen() -> None:
    script = SCHEMA + "CREATE TABLE other (id INTEGER PRIMARY KEY);"
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as name:
        path = Path(name) / "made.db"
        path.write_bytes(made(script))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA writable_schema = 1")
            (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'other'").fetchone()
            connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 's3_files'", (root,))
        judged = judge(RULE, path.read_bytes())
    assert judged.subjects == ["integrity"]


@pytest.mark.parametrize(
    "body",
    [
        redis_backup({b"a": b"b" * 60} | {b"%d" % n: b"" for n in range(20)}),
        course_zip(["A"], "x"),
        png("x", 300, 1, 1),
    ],
)
@pytest.mark.parametrize("depth", list(Depth))
def test_files_of_other_kinds_are_none(body: bytes, depth: Depth) -> None:
    assert judge(RULE, body, depth).text == "The backup is not a SQLite database."


def test_a_database_of_something_else_is_none() -> None:
    judged = judge(RULE, made("CREATE TABLE other (x);", rows=0), family=FAMILY)
    assert judged.text == "The backup has no table s3_files; expected one, as the bindings say."
    hidden = made("CREATE TABLE other (x); CREATE VIEW s3_files AS SELECT 1;", rows=0)
    assert judge(RULE, hidden, family=FAMILY).subjects == ["integrity"]


def test_headers_read_the_header_alone() -> None:
    assert judge(RULE, SOUND, Depth.HEADERS).read == [(0, HEADER_BYTES)]
    assert judge(RULE, SOUND).read == [(0, len(SOUND))]
    assert judge(RULE, b"").read == []


def test_a_header_that_is_wrong_spares_the_rest() -> None:
    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            sizes.append(len(data))
            return data

    sizes: list[int] = []
    judge(RULE, b"\0" * 1_000_000, opened=Counting)
    assert sum(sizes) == HEADER_BYTES


@pytest.mark.parametrize("length", [0, 50, HEADER_BYTES, 1024, len(SOUND) - 1])
def test_a_body_that_ends_early_is_no_fault_of_the_file(length: int) -> None:
    with pytest.raises(ObjectUnreadable) as caught:
        judge(RULE, SOUND[:length], size=len(SOUND))
    assert not caught.value.refused


def test_the_copy_is_private_and_alone(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, list[str], bytes]] = []

    def look(path: Path, *_: object) -> None:
        modes = stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode)
        sqlite_check.examine(path)
        seen.append((*modes, [one.name for one in path.parent.iterdir()], path.read_bytes()))

    monkeypatch.setattr(database, "examine", look)
    body = made(journal="wal")
    judge(RULE, body)
    assert seen == [(0o700, 0o600, ["copy"], body)]


class Interrupted(BaseException):
    """What SIGTERM becomes."""


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), Interrupted(), RuntimeError("anything")])
def test_nothing_is_left_however_it_ends(fault: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fails(io.BytesIO):
        def readinto(self, buffer: Any, /) -> int:
            raise fault

    with pytest.raises(type(fault)):
        judge(RULE, SOUND, opened=Fails)
    monkeypatch.setattr(database, "examine", lambda *_: (_ for _ in ()).throw(fault))
    with pytest.raises(type(fault)):
        judge(RULE, SOUND)


def test_a_disk_without_room_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_copy.os, "posix_fallocate", full)
    with pytest.raises(ObjectUnreadable, match=r"could not be written .*No space left.*make room") as caught:
        judge(RULE, SOUND)
    assert not caught.value.refused


def test_a_check_that_takes_too_long_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_check, "_STEPS", 0)
    monkeypatch.setattr(sqlite_check, "_STEPS_PER_BYTE", 0)
    monkeypatch.setattr(sqlite_check, "_EVERY", 10)
    with pytest.raises(ObjectUnreadable, match="more steps") as caught:
        judge(RULE, SOUND)
    assert caught.value.refused


LARGE = 400_000_000  # what 77 becomes in the schema, past SQLite, when the rows are there
HOSTILE = {
    "values that are computed": "CREATE TABLE t (a, b AS (hex(zeroblob(77))) NOT NULL); INSERT INTO t (a) VALUES (1);",
    "an index that computes": "CREATE TABLE t (a); INSERT INTO t VALUES (1);"
    "CREATE INDEX i ON t (a) WHERE length(printf('%.*c', a * 77, 'x')) > 1;",
    "a view without end": "CREATE VIEW v AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    " SELECT x FROM n;",
    "a trigger that loads": "CREATE TRIGGER r AFTER INSERT ON s3_files BEGIN SELECT load_extension('x'); END;",
    "a check that computes": "CREATE TABLE t (a CHECK (length(zeroblob(77)) > 0)); INSERT INTO t VALUES (1);",
}
RUN = """
import resource, sys, time
from pathlib import Path
from auditor.formats.sqlite_check import Damaged, Unchecked, examine
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    examine(Path(sys.argv[1]), ["s3_files"])
except (Damaged, Unchecked) as error:
    print(type(error).__name__, error)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss - before, int(used.ru_utime + used.ru_stime))
"""


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_schema_costs_little(script: str, tmp_path: Path) -> None:
    """Kilobytes of memory and seconds of CPU of a process of its own."""
    path = tmp_path / "hostile.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA + script)
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, '77', ?)", (str(LARGE),))
    run = subprocess.run([sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True)
    memory, seconds = map(int, run.stdout.split("\n")[-2].split())
    assert memory < 160_000, run.stdout
    assert seconds < 5, run.stdout


def test_a_complaint_that_is_no_text_is_a_fault_of_the_file() -> None:
    body = SOUND.replace(b"CREATE UNIQUE INDEX", b"CREATE UNIQUE \xa0\xff\xa0EX", 1)
    assert len(body) == len(SOUND)
    assert judge(RULE, body).subjects == ["integrity"]


def test_names_of_the_schema_do_nothing_in_a_message() -> None:
    name = "t\x1b[2J" + "x" * 400
    body = made(f'{SCHEMA} CREATE TABLE "{name}" (a UNIQUE); INSERT INTO "{name}" VALUES (1), (2);')
    at = body.rindex(b"\x01\x02", 0, -1)
    judged = judge(RULE, body[:at] + b"\x7f\x7f" + body[at + 2 :])
    assert re.search(r"[^\x20-\x7e…]", judged.text) is None
    assert len(judged.text) < 400


def test_the_real_command_line_agrees(tmp_path: Path) -> None:
    """The same files, judged by sqlite3's own integrity_check."""
    path = tmp_path / "made.db"
    for page in (2, 5, 9):
        body = SOUND[: page * 1024] + b"\x0a" * 1024 + SOUND[(page + 1) * 1024 :]
        path.write_bytes(body)
        with closing(sqlite3.connect(path)) as connection:
            try:
                verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            except sqlite3.DatabaseError:
                verdict = "unreadable"
        assert (verdict == "ok") is (judge(RULE, body).problems == [])
