"""The planted world's list of files about to be deleted, wherever it comes from, and what a run says without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pending.making import backup_of
from tests.scanning import Scanned, auditor, placed, scan, with_credentials, world
from tests.servers.redis import redis_server
from tests.test_planted_servers import assert_silent_about_the_password
from tests.world import purgatory
from tests.world.truth import Truth

OBJECTS = 400
LIST = "the list of files about to be deleted"


def audit(folder: Path, *arguments: str) -> Scanned:
    """On a folder, with live rows."""
    made = world(1, OBJECTS, "folder")
    made.write_database(folder / "rows.db")
    with placed(made, "folder", folder) as bucket:
        return scan(bucket, folder / "run", "--db", f"sqlite:///{folder / 'rows.db'}", *arguments)


def assert_is(scanned: Scanned, truth: Truth) -> None:
    assert scanned.said() == sorted(truth.findings)
    assert scanned.classes() == truth.classes
    assert scanned.summary["complete"], scanned.summary["errors"]
    assert scanned.code == int(bool(truth.counting()))


def why_not(summary: dict[str, Any]) -> list[str]:
    return [entry["because"] for entry in summary["not_audited"] if entry["what"] == LIST]


def test_the_kinds_of_entry_are_in_the_world() -> None:
    """Or the comparison below would be of nothing."""
    made = world(1, OBJECTS, "folder")
    old, live, none = (made.truth("sqlite", pending=mode) for mode in ("backup", "redis", "none"))  # type: ignore[arg-type]
    classes = {
        kind: [{truth.classes[key] for key in made.planted[kind]} for truth in (old, live, none)]
        for kind in ("pending", "pending-young", "other-bucket", "pending-since-backup", "withdrawn-since-backup")
    }
    assert classes == {
        "pending": [{"pending"}, {"pending"}, {"orphan"}],
        "pending-young": [{"too-new"}, {"pending"}, {"too-new"}],
        "other-bucket": [{"orphan"}, {"orphan"}, {"orphan"}],
        "pending-since-backup": [{"orphan"}, {"pending"}, {"orphan"}],
        "withdrawn-since-backup": [{"pending"}, {"orphan"}, {"orphan"}],
    }
    assert [truth.rules()["REF008"] for truth in (old, live, none)] == [2, 3, 0]


def test_without_the_list_its_files_are_orphans(tmp_path: Path) -> None:
    scanned = audit(tmp_path, "--pending", "none")
    assert_is(scanned, world(1, OBJECTS, "folder").truth("sqlite", pending="none"))
    assert why_not(scanned.summary) == ["the run was told not to read it"]


def test_the_list_of_the_backup_is_the_default_and_says_what_it_is(tmp_path: Path) -> None:
    made = world(1, OBJECTS, "folder")
    scanned = audit(tmp_path)
    said = scanned.summary["pending"]
    at = made.ledger.redis_backup_at
    assert at is not None
    assert said["source"] == f"redis backup s3_files/backup/redis/{at}.bak"
    assert said["entries"] == len(purgatory.scores(made.ledger, at))
    assert (said["other_buckets"], said["unreadable"]) == (1, 10)
    assert why_not(scanned.summary) == [f"10 entries of {said['source']} name no bucket and key"]


@pytest.mark.parametrize("given", [(), ("--pending", "backup")])
def test_no_redis_backup_that_can_be_read(tmp_path: Path, given: tuple[str, ...]) -> None:
    """The default does without and says so; what was asked for is needed."""
    (tmp_path / "bucket/s3_files/backup/redis").mkdir(parents=True)
    (tmp_path / "bucket/s3_files/backup/redis/1700000000.bak").write_bytes(backup_of(b"x" * 20))
    world(1, OBJECTS).write_database(tmp_path / "rows.db")
    arguments = ["--db", f"sqlite:///{tmp_path / 'rows.db'}", *given]
    result = auditor(
        "scan", f"file://{tmp_path / 'bucket'}", "--out", str(tmp_path / "run"), "--settle", "0s", *arguments
    )
    if given:
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1].startswith("auditor: no redis backup in file://")
        assert not (tmp_path / "run").exists()
    else:
        (why,) = why_not(Scanned(result.exit_code, result.stdout, result.stderr, tmp_path / "run").summary)
        assert "has the CRC-64" in why
        assert "--pending redis://" in why


@pytest.mark.parametrize("url", ["redis://u:hunter2@127.0.0.1:x", "memcached://u:hunter2@h", "hunter2"])
def test_a_url_that_is_none(tmp_path: Path, url: str) -> None:
    (tmp_path / "bucket").mkdir()
    result = auditor("scan", f"file://{tmp_path / 'bucket'}", "--db", "none", "--pending", url)
    assert result.exit_code == 2
    assert "--pending" in result.stderr
    assert "hunter2" not in result.stdout + result.stderr


@pytest.mark.server
@pytest.mark.parametrize("place", ["folder", "moto"])
def test_a_running_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    with_credentials(monkeypatch)
    made = world(1, OBJECTS, place)  # type: ignore[arg-type]
    made.write_database(tmp_path / "rows.db")
    password = "p@ss/w%rd:?"
    with redis_server({"requirepass": password}) as server, server.client(password=password) as client:
        client.zadd(purgatory.SET, purgatory.members(made.ledger, made.ledger.now))
        url = f"redis://:p%40ss%2Fw%25rd%3A%3F@127.0.0.1:{server.port}/0"
        with placed(made, place, tmp_path) as bucket:  # type: ignore[arg-type]
            scanned = scan(bucket, tmp_path / "run", "--db", f"sqlite:///{tmp_path / 'rows.db'}", "--pending", url)
        assert_is(scanned, made.truth("sqlite", pending="redis"))
        assert scanned.summary["pending"]["source"] == f"redis://127.0.0.1:{server.port}/0"
    assert_silent_about_the_password(scanned.stdout + scanned.stderr, tmp_path / "run", password)


@pytest.mark.server
def test_a_redis_that_goes_away_between_the_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3, and nobody is accused of what the list might have excused."""
    monkeypatch.setattr("auditor.pending.server._PATIENCE", 0.2)
    made = world(1, OBJECTS, "folder")
    with redis_server() as server, server.client() as client:
        client.zadd(purgatory.SET, purgatory.members(made.ledger, made.ledger.now))
        monkeypatch.setattr("auditor.scan.judging._settle", lambda *_: server.kill())
        scanned = audit(tmp_path, "--pending", f"redis://127.0.0.1:{server.port}")
    assert scanned.code == 3
    assert [error["what"] for error in scanned.summary["errors"]] == [LIST]
    assert "orphan" not in scanned.classes().values()
    assert not {rule for rule, *_ in scanned.said()} & {"REF001", "REF008"}
