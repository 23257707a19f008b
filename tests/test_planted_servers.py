"""The planted world with its rows in a real PostgreSQL and a real MariaDB: the findings are those of SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from auditor.rows import ServerRows
from tests.scanning import placed, scan, with_credentials, world
from tests.servers.databases import PASSWORD, SERVERS, DatabaseServer, database_server
from tests.servers.loading import load

pytestmark = pytest.mark.server

OBJECTS = 2_600  # several pages of the listing


@pytest.fixture(scope="module", params=list(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    with database_server(request.param) as running:
        yield running


@pytest.mark.parametrize("workers", [1, 3])
def test_what_was_planted_is_what_is_said(
    server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    with_credentials(monkeypatch)
    made = world(1, OBJECTS, "folder")
    url = load(server, "world", made)
    with placed(made, "folder", tmp_path) as bucket:
        scanned = scan(bucket, tmp_path / "run", "--db", url, "--workers", str(workers))
    truth = made.truth("sqlite")
    assert scanned.said() == sorted(truth.findings)
    assert scanned.classes() == truth.classes
    assert scanned.summary["row_classes"] == dict(truth.row_counts())
    assert scanned.summary["complete"], scanned.summary["errors"]
    assert scanned.summary["rows"]["source"] == f"{server.scheme}://127.0.0.1:{server.port}/world"
    assert scanned.code == 1
    assert "no index in the bucket's order" not in scanned.stderr
    assert_silent_about_the_password(scanned.stdout + scanned.stderr, tmp_path / "run")


def test_a_server_that_dies_in_mid_scan(
    server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first page of rows: exit 3, and no accusation that rests on rows that were not read."""
    with_credentials(monkeypatch)
    made = world(1, OBJECTS)
    url = load(server, "dying", made)
    pages = ServerRows.pages
    read: list[str] = []

    def and_then_it_dies(self: ServerRows, after: str | None, until: str | None) -> Iterator[pa.Table]:
        yield from pages(self, after, until)
        if not read and until is not None:
            read.append(until)
            server.stop_at_once()

    monkeypatch.setattr(ServerRows, "pages", and_then_it_dies)
    try:
        with placed(made, "moto", tmp_path) as bucket:
            scanned = scan(bucket, tmp_path / "run", "--db", url)
    finally:
        server.start()
    truth = made.truth("sqlite")
    assert scanned.code == 3
    assert not scanned.summary["complete"]
    assert any("could not be read" in error["message"] for error in scanned.summary["errors"])
    assert {key for rule, key, *_ in scanned.said() if rule in ("REF001", "REF002")} == set()
    unread = {key: name for key, name in scanned.classes().items() if key > read[0]}
    assert "orphan" not in unread.values()
    assert {key for key, name in truth.classes.items() if name == "orphan" and key > read[0]} <= {
        key for key, name in unread.items() if name == "unjudged"
    }
    assert_silent_about_the_password(scanned.stdout + scanned.stderr, tmp_path / "run")


def assert_silent_about_the_password(printed: str, folder: Path, password: str = PASSWORD) -> None:
    assert password not in printed
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if password.encode() in path.read_bytes()]
