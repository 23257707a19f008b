"""The newest readable backup in the bucket, and nothing left on disk however it ends."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.errors import CannotStart, ObjectUnreadable
from auditor.progress import Silent
from auditor.rows import BackupTier, RowSource, RowTable, SqliteRows, newest_backup
from auditor.rows.backup import BackupRows
from tests.rows.making import TABLE, FolderStore, broken_transport, keys_of, make_db, plain

ROOT = "s3_files/backup/database/"
START = 1_700_000_000


def plain_time(key: str) -> datetime | None:
    match = re.fullmatch(ROOT + r"(\d{10})([^/]*)\.bak", key)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def timely_time(key: str) -> datetime | None:
    match = re.fullmatch(ROOT + r"timely/.*-(\d{10})\.bak", key)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


TIERS = [BackupTier(ROOT, plain_time), BackupTier(ROOT + "timely/", timely_time)]


def moment(n: int) -> datetime:
    return datetime.fromtimestamp(START + n, UTC)


def name(n: int, hint: str = "") -> str:
    return f"{ROOT}{START + n}{hint}.bak"


class Recorder(Silent):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.done = 0
        self.notes: list[str] = []

    def stage(self, name: str, total: int | None = None) -> None:
        self.stages.append((name, total))

    def advance(self, amount: int) -> None:
        self.done += amount

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Where downloads go; the test is red when anything is left there."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    yield folder
    gc.collect()
    assert list(folder.iterdir()) == []


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    (tmp_path / "bucket").mkdir()
    return FolderStore(tmp_path / "bucket")


def database(tmp_path: Path, key: str, **options: str) -> bytes:
    path = tmp_path / "making.db"
    body = make_db(path, plain([key]), **options).read_bytes()
    path.unlink()
    return body


def opened(store: FolderStore, scratch: Path, progress: Recorder | None = None) -> BackupRows:
    return newest_backup(store, TIERS, TABLE, progress or Recorder(), directory=scratch)


def test_the_newest_is_used(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    for n, hint in ((0, ""), (20, "-repopulate_emotions"), (10, "manual")):
        store.put(name(n, hint), database(tmp_path, f"k{n}"), moment(n + 60))
    store.put(ROOT + "readme.txt", b"x", moment(99))
    store.put(f"{ROOT}timely/pre-{START + 50}.bak", database(tmp_path, "timely"), moment(50))
    progress = Recorder()
    with opened(store, scratch, progress) as rows:
        as_protocol: RowSource = rows
        assert as_protocol.source == f"backup {name(20, '-repopulate_emotions')}"
        assert rows.as_of == moment(20)
        assert rows.key == name(20, "-repopulate_emotions")
        assert keys_of(rows) == ["k20"]
        assert rows.lookup(["k20"]).num_rows == rows.count() == 1
        assert rows.skipped == []
        (folder,) = scratch.iterdir()
        (file,) = folder.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.listed == [ROOT]
    assert [key for key, _ in store.opened] == [rows.key]
    assert progress.stages[0][1] == progress.done == (store.root / rows.key).stat().st_size


def test_its_time_is_the_earlier_one(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(500), database(tmp_path, "wrong clock"), moment(5))
    store.put(name(10), database(tmp_path, "newest"), moment(99))
    with opened(store, scratch) as rows:
        assert (keys_of(rows), rows.as_of) == (["newest"], moment(10))
    store.put(name(10), b"broken", moment(99))
    with opened(store, scratch) as rows:
        assert (keys_of(rows), rows.as_of) == (["wrong clock"], moment(5))


def test_a_wal_mode_backup_is_readable(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    body = database(tmp_path, "wal", journal="wal")
    assert body[18:20] == b"\x02\x02"
    store.put(name(0), body, moment(0))
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["wal"]
        assert [path.name for path in scratch.rglob("*") if path.is_file()] == ["backup.sqlite"]


def flipped(body: bytes) -> bytes:
    """The page of the key's index, overwritten."""
    page = len(body) - 4096
    return body[:page] + b"\x0a" + b"\xff" * 4095


BROKEN: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda body: b"", "not a SQLite database"),
    (lambda body: b"<Error>AccessDenied</Error>" * 300, "not a SQLite database"),
    (lambda body: body[:50], "not a SQLite database"),
    (lambda body: body[:-4096], "its header says"),
    (lambda body: body[:-100], "its header says"),
    (lambda body: body + bytes(4096), "its header says"),
    (lambda body: body[:16] + b"\x00\x03" + body[18:], "impossible page size"),
    (flipped, "quick_check"),
    (lambda body: body[:100] + b"\xff" * 3996 + body[4096:], "SQLite"),
]


@pytest.mark.parametrize(("breaks", "reason"), BROKEN)
def test_a_broken_one_is_passed_over(
    store: FolderStore, scratch: Path, tmp_path: Path, breaks: Callable[[bytes], bytes], reason: str
) -> None:
    body = database(tmp_path, "old")
    store.put(name(0), body, moment(0))
    store.put(name(10), breaks(body), moment(10))
    progress = Recorder()
    with opened(store, scratch, progress) as rows:
        assert (keys_of(rows), rows.as_of) == (["old"], moment(0))
        ((key, why),) = rows.skipped
        assert (key, reason in why) == (name(10), True), why
        assert any(name(10) in note and reason in note for note in progress.notes)


def test_one_without_the_table_is_passed_over(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(0), database(tmp_path, "old"), moment(0))
    store.put(name(10), make_db(tmp_path / "other.db", schema="CREATE TABLE other (x);").read_bytes(), moment(10))
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["old"]
        assert "no table s3_files" in rows.skipped[0][1]


def test_short_and_refused_downloads_are_passed_over(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    for n in range(5):
        store.put(name(n), database(tmp_path, f"k{n}"), moment(n))
    store.short.add(name(4))
    store.faults[name(3)] = [ObjectUnreadable(name(3), "access denied", refused=True)]
    store.faults[name(2)] = [broken_transport(name(2)) for _ in range(9)]
    store.faults[name(1)] = [broken_transport(name(1))]
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["k1"]  # came in two parts
        assert [key for key, _ in rows.skipped] == [name(4), name(3), name(2)]
        assert "were listed" in rows.skipped[0][1]
    assert [start > 0 for key, start in store.opened if key == name(1)] == [False, True]
    assert len([key for key, _ in store.opened if key == name(3)]) == 1


def test_one_deleted_meanwhile_is_passed_over(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(0), database(tmp_path, "old"), moment(0))
    store.put(name(1), b"x", moment(1))
    progress = Recorder()
    listing = store.list

    def vanishing(prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[object]:
        yield from list(listing(prefix, after, until))
        (store.root / name(1)).unlink(missing_ok=True)

    store.list = vanishing  # type: ignore[method-assign]
    with opened(store, scratch, progress) as rows:
        assert keys_of(rows) == ["old"]
        assert "no longer in the bucket" in rows.skipped[0][1]


def test_timely_only_if_there_is_nothing_else(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    for n in (5, 9):
        store.put(f"{ROOT}timely/pre-{START + n}.bak", database(tmp_path, f"timely{n}"), moment(n))
    store.put(f"{ROOT}timely/errors-{START + 99}.txt", b"x", moment(99))
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["timely9"]
    store.put(name(-1000), database(tmp_path, "plain, old"), moment(-1000))
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["plain, old"]
    store.put(name(-1000), b"broken", moment(-1000))
    with opened(store, scratch) as rows:
        assert keys_of(rows) == ["timely9"]
        assert [key for key, _ in rows.skipped] == [name(-1000)]


def test_none_at_all(store: FolderStore, scratch: Path) -> None:
    with pytest.raises(CannotStart, match=r"has no database backup under .*--db sqlite:///FILE"):
        opened(store, scratch)
    with pytest.raises(CannotStart, match="known to the bindings"):
        newest_backup(store, [], TABLE, Silent(), directory=scratch)


def test_none_readable_names_what_was_tried(store: FolderStore, scratch: Path) -> None:
    for n in range(3):
        store.put(name(n), b"broken", moment(n))
    with pytest.raises(CannotStart) as caught:
        opened(store, scratch)
    assert all(name(n) in str(caught.value) for n in range(3))
    assert "not a SQLite database" in str(caught.value)


def test_a_listing_that_fails(store: FolderStore, scratch: Path) -> None:
    store.listing_fails = True
    with pytest.raises(CannotStart, match="could not be listed: the listing broke"):
        opened(store, scratch)


class Interrupted(BaseException):
    """What SIGTERM becomes."""


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), Interrupted(), RuntimeError("anything")])
def test_interrupted_while_downloading(store: FolderStore, scratch: Path, tmp_path: Path, fault: BaseException) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(0))
    store.faults[name(0)] = [fault]
    with pytest.raises(type(fault)):
        opened(store, scratch)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), Interrupted(), RuntimeError("anything")])
def test_interrupted_while_in_use(store: FolderStore, scratch: Path, tmp_path: Path, fault: BaseException) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(0))
    with pytest.raises(type(fault)), opened(store, scratch):
        raise fault
    assert list(scratch.iterdir()) == []


def test_closed_twice_or_forgotten(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(0))
    rows = opened(store, scratch)
    rows.close()
    rows.close()
    assert list(scratch.iterdir()) == []
    forgotten = opened(store, scratch)
    assert list(scratch.iterdir())
    del forgotten
    gc.collect()
    assert list(scratch.iterdir()) == []


def test_workers_do_not_take_it_away(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(0))
    with opened(store, scratch) as rows:
        child = multiprocessing.get_context("fork").Process(target=rows.close)
        child.start()
        child.join()
        copy = pickle.loads(pickle.dumps(rows))  # noqa: S301
        assert (type(copy), copy.as_of, copy.source) == (SqliteRows, rows.as_of, rows.source)
        copy.close()
        assert keys_of(copy) == keys_of(rows) == ["k"]


def test_sigterm_while_downloading(tmp_path: Path, scratch: Path, store: FolderStore) -> None:
    """A real process, a real signal, made an exception as the command line does."""
    script = """
import signal, sys, time
from pathlib import Path
from auditor.progress import Silent
from auditor.rows import newest_backup
from tests.rows.making import TABLE, FolderStore
from tests.rows.test_backup import TIERS
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
class Slow(Silent):
    def advance(self, amount):
        print(next(Path(sys.argv[2]).rglob("*.sqlite")), flush=True)
        time.sleep(30)
newest_backup(FolderStore(Path(sys.argv[1])), TIERS, TABLE, Slow(), directory=Path(sys.argv[2]))
"""
    store.put(name(0), database(tmp_path, "k"), moment(0))
    command = [sys.executable, "-c", script, str(store.root), str(scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        assert process.stdout.readline()
        assert list(scratch.iterdir())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 143


def test_the_default_place_is_the_systems(
    store: FolderStore, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    store.put(name(0), database(tmp_path, "k"), moment(0))
    with newest_backup(store, TIERS, RowTable(), Silent()) as rows:
        assert rows.path.is_relative_to(scratch)


def test_no_room_on_the_disk(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    key = name(0)
    store.put(key, database(tmp_path, "k"), moment(0))
    with (store.root / key).open("r+b") as file:
        file.truncate(shutil.disk_usage(scratch).free + (1 << 30))  # a hole: nothing on disk
    with pytest.raises(CannotStart, match=r"takes .* free: make room"):
        opened(store, scratch)
    assert store.opened == []


def test_a_disk_that_fills_up(
    store: FolderStore, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(0))
    real = os.open  # /dev/full answers every write with ENOSPC

    def full(path: Path, flags: int, mode: int = 0o777, **options: int) -> int:
        return real("/dev/full", os.O_WRONLY) if flags & os.O_EXCL else real(path, flags, mode, **options)

    monkeypatch.setattr("auditor.formats.private_copy.os.open", full)
    with pytest.raises(CannotStart, match=r"No space left on device.*make room"):
        opened(store, scratch)


def test_naive_times_are_utc(store: FolderStore, scratch: Path, tmp_path: Path) -> None:
    store.put(name(0), database(tmp_path, "k"), moment(9))
    tier = BackupTier(ROOT, lambda key: moment(0).replace(tzinfo=None))
    with newest_backup(store, [tier], TABLE, Silent(), directory=scratch) as rows:
        assert rows.as_of == moment(0)
        assert rows.as_of.utcoffset() == timedelta(0)
