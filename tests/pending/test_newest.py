"""The newest readable redis backup: which one it is, what of it still counts, and that nothing stays on disk."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import auditor.pending.backup
from auditor.errors import CannotStart
from auditor.pending import PendingList, newest_list, open_pending
from auditor.pending.members import Members
from auditor.progress import Silent
from auditor.rows import BackupTier
from tests.pending.making import SET, backup_of, entries, other_chunks
from tests.rows.making import FolderStore, broken_transport
from tests.world import zsets

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def time_of(key: str) -> datetime | None:
    match = re.fullmatch(r"redis/(\d{10})\.bak", key)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


TIERS = [BackupTier("redis/", time_of)]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderStore:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "b").mkdir()
    return FolderStore(tmp_path / "b")


def put(store: FolderStore, hours: float, body: bytes) -> str:
    at = NOW - timedelta(hours=hours)
    key = f"redis/{int(at.timestamp())}.bak"
    store.put(key, body, at + timedelta(seconds=2))
    return key


def list_of(*members: tuple[bytes, float]) -> bytes:
    return backup_of(zsets.dump(zsets.skiplist(members)), before=other_chunks()[0])


def read(store: FolderStore) -> PendingList:
    return newest_list(store, TIERS, SET, NOW, Silent()).read()


def left_behind() -> list[str]:
    return [path.name for path in Path(tempfile.gettempdir()).iterdir()]


def test_the_newest_is_read_and_removed(store: FolderStore) -> None:
    put(store, 20, list_of(*entries(9)))
    put(store, 8, list_of((b'{"bucket": "b", "key": "k"}', NOW.timestamp() - 30 * 86400)))
    found = newest_list(store, TIERS, SET, NOW, Silent())
    assert found.as_of == NOW - timedelta(hours=8)
    assert (found.read().keys, found.read().outdated, found.skipped) == (["k"], 0, ())
    assert left_behind() == []


@pytest.mark.parametrize("how", ["cut off", "changed", "short", "unreadable"])
def test_one_that_is_not_whole_gives_way(store: FolderStore, how: str) -> None:
    put(store, 20, list_of((b'{"bucket": "b", "key": "k"}', 5.0)))
    body = list_of(*entries(3))
    changed = {"cut off": body[:-1], "changed": body[:-30] + b"x" + body[-29:]}
    newest = put(store, 8, changed.get(how, body))
    if how == "short":
        store.short.add(newest)
    if how == "unreadable":
        store.faults[newest] = [broken_transport(newest) for _ in range(9)]
    found = newest_list(store, TIERS, SET, NOW, Silent())
    assert found.read().keys == ["k"]
    assert [key for key, _ in found.skipped] == [newest]
    assert left_behind() == []


def test_what_was_due_before_the_last_day_counts_in_a_young_backup_alone(store: FolderStore) -> None:
    due = NOW.timestamp()
    members = [(b'{"bucket": "b", "key": "%d"}' % days, due + 86400 * days) for days in (-40, -2, 0, 3)]
    put(store, 23, list_of(*members))
    assert read(store).keys == ["-2", "-40", "0", "3"]


def test_an_old_backup_protects_only_what_may_still_be_true(store: FolderStore) -> None:
    due = NOW.timestamp()
    members = [(b'{"bucket": "b", "key": "%d"}' % days, due + 86400 * days) for days in (-40, -2, 0, 3)]
    put(store, 72, list_of(*members))
    found = read(store)
    assert (found.keys, found.outdated) == (["0", "3"], 2)


def test_none_that_can_be_read(store: FolderStore) -> None:
    key = put(store, 8, b"\x00")
    with pytest.raises(CannotStart, match=f"tried {key}.*only 1 bytes are left"):
        read(store)
    with pytest.raises(CannotStart, match="no redis backup under elsewhere/"):
        newest_list(store, [BackupTier("elsewhere/", time_of)], SET, NOW, Silent())
    assert left_behind() == []


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError])
def test_nothing_is_left_however_it_ends(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    put(store, 8, list_of(*entries(3)))
    seen: list[int] = []

    def interrupted(path: Path, folder: Path, key: str, collected: Members) -> PendingList:
        seen.extend(part.stat().st_mode & 0o777 for part in (folder, path))
        raise end

    monkeypatch.setattr(auditor.pending.backup, "read_backup", interrupted)
    with pytest.raises(end):
        read(store)
    assert seen == [0o700, 0o600]
    assert left_behind() == []


def test_values_of_the_option(store: FolderStore) -> None:
    surroundings = {"store": store, "tiers": TIERS, "now": NOW, "progress": Silent()}
    assert open_pending("none", key=None, **surroundings) is None
    with pytest.raises(CannotStart, match="not understood"):
        open_pending("memcached://u:hunter2@h", key=SET, **surroundings)
    with pytest.raises(CannotStart, match=r"add \[pending\]"):
        open_pending("backup", key=None, **surroundings)
