"""Seen from the server: an audit lists, looks and reads, and never asks for a secret."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.scanning import HOLDS, NOW, Scanned, scan, with_credentials
from tests.servers import faults
from tests.servers.doors import Kind, behind, door, every_kind, place_of
from tests.servers.stub_s3 import StubS3
from tests.world import build

SEED, SMALL, LARGER = 1, 400, 1200
pytestmark = every_kind


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)


def scanned_at(server: StubS3, folder: Path, db: Path | str, *arguments: str) -> Scanned:
    source = f"sqlite:///{db}" if isinstance(db, Path) else db
    return scan([f"s3://{server.bucket}", "--endpoint-url", server.url], folder / "run", "--db", source, *arguments)


def test_nothing_but_list_get_and_head_is_ever_sent(tmp_path: Path, kind: Kind) -> None:
    with door(kind, behind(kind, SEED, SMALL)) as server:
        scanned = scanned_at(server, tmp_path, "backup")
        requests = list(server.requests)
    assert scanned.code == 1
    operations = {"GetBucketVersioning", "GetObject", "HeadObject", "ListMultipartUploads", "ListObjectsV2"}
    assert {request.operation for request in requests} == operations
    assert {request.method for request in requests} == {"GET", "HEAD"}
    read = {request.key for request in requests if request.operation == "GetObject"}
    assert any(key and key.startswith("s3_files/backup/database/") for key in read)
    assert any(key and key.startswith("s3_files/journey_embeddings/") for key in read)
    assert not any(key and key.startswith("s3_files/journals/") for key in read)
    assert any(rule == "JRN001" for rule, *_ in scanned.said())  # though some have the wrong length
    assert scanned.summary["requests"] == {
        name: [request.operation for request in requests].count(name) for name in operations
    }


def test_the_database_is_not_touched(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "rows.db"
    made = behind(kind, SEED, SMALL)
    made.write_database(path)
    before = path.read_bytes()
    path.chmod(0o400)
    with door(kind, made) as server:
        scanned_at(server, tmp_path, path)
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["contents.sqlite", "history.sqlite", "rows.db", "run"]


def test_a_database_in_use_is_read_with_what_is_only_in_its_wal(tmp_path: Path, kind: Kind) -> None:
    made = behind(kind, SEED, SMALL)
    with made.database_in_use(tmp_path / "rows.db") as path, door(kind, made) as server:
        scanned = scanned_at(server, tmp_path, path, "--no-content")
    assert scanned.said() == sorted(made.truth("sqlite").unread().findings)


def test_a_page_that_fails_for_good_ends_with_3_and_a_folder(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "rows.db"
    made = behind(kind, SEED, SMALL)
    made.write_database(path)
    with door(kind, made, page_size=50) as server:
        server.fail_after(4, faults.internal_error)
        scanned = scanned_at(server, tmp_path, path, "--no-content")
    assert scanned.code == 3
    assert scanned.summary["complete"] is False
    assert scanned.summary["shards"] == {"done": 0, "failed": 1}
    assert 0 < scanned.summary["listing"]["objects"] < len(made.objects)
    listed = scanned.classes()
    beyond = max(listed, key=str.encode)
    truth = [
        entry
        for entry in sorted(made.truth("sqlite").unread().half().findings)
        if entry.key.encode() <= beyond.encode()
    ]
    assert scanned.said() == truth


def test_the_wrong_database_is_named_and_nobody_accused(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "rows.db"
    made = behind(kind, SEED, LARGER)
    made.foreign_database(path)
    with door(kind, made) as server:
        scanned = scanned_at(server, tmp_path, path, "--no-content")
    alone = made.truth("none").unread().half()
    assert scanned.code == 3
    assert scanned.classes() == alone.classes
    assert scanned.said() == sorted(alone.findings)
    assert "another bucket or environment" in scanned.stdout


def test_a_damaged_database_is_never_an_empty_one(tmp_path: Path, kind: Kind) -> None:
    """Pages in the middle are overwritten: the run does not start, or is incomplete, and accuses nobody wrongly."""
    path = tmp_path / "rows.db"
    made = behind(kind, SEED, LARGER)
    made.write_database(path)
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    middle = len(content) // size * 3 // 5 * size  # behind what is read when the file is opened
    content[middle : middle + 20 * size] = b"\xff" * (20 * size)
    path.write_bytes(content)
    with door(kind, made) as server:
        scanned = scanned_at(server, tmp_path, path, "--no-content")
    assert scanned.code in (2, 3)  # 2 where the damage lies in what is read to open it
    truth = made.truth("sqlite").unread().findings
    assert scanned.code == 2 or not {entry for entry in scanned.said() if entry[0] == "REF001"} - truth


def test_a_timely_backup_is_not_used_while_there_is_another(tmp_path: Path, kind: Kind) -> None:
    """The timely one is newer, and as readable; it was made for one purpose."""
    made = build(SEED, SMALL, now=NOW, holds=HOLDS[place_of(kind)])
    newest = max(key for key in made.ledger.objects if key.startswith("s3_files/backup/database/1"))
    at = int(made.now.timestamp()) - 7200
    later = f"s3_files/backup/database/timely/0999_some-{at}.bak"
    made.ledger.put(later, made.object(newest).body, at, "backup/database/timely")
    with door(kind, made) as server:
        scanned = scanned_at(server, tmp_path, "backup", "--no-content")
    assert scanned.summary["rows"]["source"] == f"backup {newest}"


def test_rows_whose_key_is_no_text_are_not_passed_over(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "rows.db"
    made = behind(kind, SEED, SMALL)
    made.write_database(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = "uid, key, file_size, content_type, created_at"
        connection.execute(f"INSERT INTO s3_files ({columns}) VALUES ('x', x'ff', 1, 'y', 0)")
    with door(kind, made) as server:
        scanned = scanned_at(server, tmp_path, path, "--no-content")
    assert scanned.code == 3
    assert "1 rows have a key that is not text" in scanned.stdout
