"""Backups that are broken, gone or forbidden, downloads that fail, and ends that come too early."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scanning import auditor
from tests.servers import faults
from tests.servers.stub_s3 import Request, StubS3
from tests.tracing.making import edges, export_key, key_of, loose, marks, on_s3, story, story_of, told
from tests.world.backups import broken


def get_of(number: int):  # type: ignore[no-untyped-def]
    return lambda request: request.operation == "GetObject" and request.key == key_of(number)


def damaged(number: int, how: str) -> dict[str, bytes]:
    return {**story(), key_of(number): broken(story()[key_of(number)], how)}


@pytest.mark.parametrize("how", ["truncated", "garbage", "corrupt"])
def test_a_broken_backup_at_the_edge_is_gone_round(tmp_path: Path, how: str) -> None:
    said = told(export_key(1), "--backups", loose(damaged(16, how), tmp_path / "loose"))
    assert edges(said) == [(6, 17)]
    assert marks(said)[15:18] == "PBA"
    (row,) = said["rows"]
    assert (row["went"]["unread"], row["went"]["not_looked_at"]) == (1, 0)
    assert row["went_with_it"]["rows_gone"] == 3
    assert (said["code"], said["incomplete"]) == (0, [])  # nothing that could be read was not
    assert said["backups"][16]["why"].startswith("it ")
    assert f"{key_of(16).rpartition('/')[2]} is passed over: it " in said["stderr"]


def test_the_page_says_what_lies_between(tmp_path: Path) -> None:
    bodies = {**damaged(16, "truncated"), key_of(17): b""}
    result = auditor("trace", export_key(1), "--backups", str(loose(bodies, tmp_path / "loose")))
    said = "It went between 2026-01-08T12:00:00Z and 2026-01-10T00:00:00Z (2 between them could not be read)."
    assert said in result.stdout.replace("\n", " ")
    assert "✗ broken       1767916800.bak: it has " in result.stdout


def test_broken_ends_and_a_foreign_database(tmp_path: Path) -> None:
    folder = loose({**damaged(0, "garbage"), key_of(23): b"SQLite format 3\0"}, tmp_path / "loose")
    (folder / key_of(1).rpartition("/")[2]).unlink()
    with closing(sqlite3.connect(folder / key_of(1).rpartition("/")[2])) as connection:
        connection.execute("CREATE TABLE other (id)")
    said = told(export_key(1), "--backups", folder)
    assert (marks(said)[:3], marks(said)[-2:]) == ("BBA", "AB")
    assert said["backups"][1]["why"] == "it has no table s3_files"
    assert edges(said) == [(6, 16)]


def test_damage_where_nothing_was_asked_is_damage_all_the_same(tmp_path: Path) -> None:
    folder = loose({key_of(number): story()[key_of(number)] for number in (14, 15, 17)}, tmp_path / "loose")
    path = folder / key_of(16).rpartition("/")[2]
    path.write_bytes(story()[key_of(16)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE other AS SELECT randomblob(900) AS bytes FROM sqlite_master")
    body = path.read_bytes()
    path.write_bytes(body[:-1024] + b"\x5a" * 1024)
    said = told(export_key(1), "--backups", folder)
    assert marks(said) == "PPBA"
    assert said["backups"][2]["why"].startswith("it fails SQLite's quick_check")


def test_all_are_broken(tmp_path: Path) -> None:
    bodies = {key_of(number): b"nothing" for number in range(3)}
    result = auditor("trace", export_key(1), "--backups", str(loose(bodies, tmp_path / "loose")))
    assert result.exit_code == 1
    assert result.stdout.endswith("\n\nNo backup could be read.\n")


def test_a_download_that_fails_half_way_goes_on(stub: StubS3) -> None:
    where = on_s3(stub, story())
    stub.when(get_of(15), faults.cut_off, times=2)
    said = told(export_key(1), *where)
    assert story_of(said) == story_of(told(export_key(1), *on_s3(stub, story())))
    assert said["code"] == 0


@pytest.mark.parametrize("fault", [faults.denied, faults.cut_off, faults.internal_error])
def test_a_backup_that_cannot_be_fetched_makes_the_story_incomplete(stub: StubS3, fault: faults.Fault) -> None:
    where = on_s3(stub, story())
    stub.when(get_of(16), fault)
    said = told(export_key(1), *where)
    assert (said["code"], edges(said), said["complete"]) == (3, [(6, 17)], False)


def test_the_page_says_what_could_not_be_fetched(stub: StubS3) -> None:
    where = on_s3(stub, story())
    stub.when(get_of(16), faults.denied)
    result = auditor("trace", export_key(1), *where)
    assert result.exit_code == 3
    assert f"\n  2026-01-09T00:00:00Z  ? not fetched  {key_of(16)}: it could not be downloaded: " in result.stdout
    assert "(1 between them could not be read)." in result.stdout.replace("\n", " ")
    assert result.stdout.replace("\n", " ").endswith(f" Incomplete: {key_of(16)} could not be fetched. ")


def test_a_body_shorter_than_it_was_listed_is_broken(stub: StubS3) -> None:
    where = on_s3(stub, story())
    stub.when(get_of(16), faults.cut_off_silently)
    said = told(export_key(1), *where)
    assert marks(said)[16] == "B"
    assert edges(said) == [(6, 17)]


def test_a_backup_that_went_since_it_was_listed(stub: StubS3) -> None:
    where = on_s3(stub, story())
    stub.when(get_of(16), lambda answer: replace(answer, status=404, body=b"<Error><Code>NoSuchKey</Code></Error>"))
    said = told(export_key(1), *where)
    assert (marks(said)[16], said["code"]) == ("G", 0)


def test_more_than_may_be_downloaded_is_refused_before_anything_is(stub: StubS3) -> None:
    result = auditor("trace", export_key(1), *on_s3(stub, story()), "--max-download", "1MiB")
    assert result.exit_code == 2
    assert result.stdout == ""
    *_, sentence = result.stderr.splitlines()
    assert sentence.startswith(
        "auditor: up to 2.7 MB may have to be downloaded and --max-download allows 1.0 MB: raise"
    )
    assert {request.operation for request in stub.requests} == {"ListObjectsV2"}
    enough = sentence.partition("raise it to ")[2].partition(",")[0]
    assert auditor("trace", export_key(1), *on_s3(stub, story()), "--max-download", enough).exit_code == 0


def test_a_history_that_needs_more_stops_at_the_limit(stub: StubS3) -> None:
    size = len(story()[key_of(0)])
    bodies = {**story(), **{key_of(number): b"x" * size for number in (*range(8), *range(13, 24))}}
    result = auditor("trace", export_key(77), *on_s3(stub, bodies), "--max-download", "2700KiB")
    assert result.exit_code == 3
    assert "No backup that was looked at has a row with this key." in result.stdout
    assert "the search stopped early, since --max-download allows no more." in result.stdout.replace("\n", " ")
    fetched = [request for request in stub.requests if request.operation == "GetObject"]
    assert sum(len(stub.objects[str(request.key)].body) for request in fetched) <= 2700 << 10


@pytest.mark.parametrize("arguments", [[], ["--every"]])
def test_few_copies_lie_on_the_disk_at_a_time(stub: StubS3, scratch: Path, arguments: list[str]) -> None:
    where = on_s3(stub, story())
    there: list[int] = []

    def counted(request: Request) -> bool:
        if request.operation == "GetObject":
            there.append(len(list(scratch.rglob("*.sqlite"))))
        return False

    stub.when(counted, lambda answer: answer)
    assert edges(told(export_key(1), *where, *arguments)) == [(6, 16)]
    assert len(there) == (24 if arguments else 9)  # none was needed again
    assert max(there) <= 7  # two at each edge, the ends, and the one that is on its way


def ended_by(number: signal.Signals, stub: StubS3, scratch: Path) -> tuple[int, str, str]:
    """The exit code and what was said by a trace that got the signal when its first copy was on the disk."""

    def stall(request: Request) -> bool:
        if get_of(0)(request):  # the newest is on the disk by now
            seen.append([path.name for path in scratch.rglob("*.sqlite")])
            process.send_signal(number)
            time.sleep(0.3)
        return False

    seen: list[list[str]] = []
    command = [sys.executable, "-m", "auditor", "trace", export_key(1), *on_s3(stub, story())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    stub.when(stall, lambda answer: answer)
    stdout, stderr = process.communicate(timeout=60)
    assert "0.sqlite" in seen[0]
    return process.returncode, stdout, stderr


def test_a_terminated_trace_leaves_no_copy_and_what_a_killed_one_left_goes_with_the_next(
    stub: StubS3, scratch: Path
) -> None:
    killed, _, _ = ended_by(signal.SIGKILL, stub, scratch)
    (left,) = scratch.iterdir()
    assert (killed, (left / "0.sqlite").exists()) == (-signal.SIGKILL, True)
    code, stdout, stderr = ended_by(signal.SIGTERM, stub, scratch)
    assert (code, stdout) == (3, "")
    assert f"removed {left}, private files that were left when their process was killed" in stderr
    assert stderr.splitlines()[-1].startswith("auditor: interrupted; ")
    assert list(scratch.iterdir()) == []


def test_a_database_in_use_is_no_backup(tmp_path: Path) -> None:
    folder = loose(story(), tmp_path / "loose")
    (folder / (key_of(16).rpartition("/")[2] + "-wal")).write_bytes(b"frames")
    said = told(export_key(1), "--backups", folder)
    assert edges(said) == [(6, 17)]
    assert said["backups"][16]["why"].startswith("a -wal file lies beside it")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name one, BUCKET or --backups FOLDER"),
        (["file:///x", "--backups", "/x"], "name one, BUCKET or --backups FOLDER"),
        (["--backups", "/nowhere"], "there is no folder /nowhere"),
        (["file:///nowhere"], "There is no folder '/nowhere'"),
        (["--backups", "."], "has no database backup: name a folder with files that end in .bak, .db or .sqlite"),
        (["--backups", ".", "--max-download", "5m"], "is not a size such as"),
        (["--backups", ".", "--from", "yesterday"], "is neither a day such as"),
    ],
)
def test_what_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    result = auditor("trace", export_key(1), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
