"""A folder is the same store: order, ranges, looks and bytes, and nothing outside of it."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import ListingFailed, ObjectGone, ObjectUnreadable
from auditor.store import folder, walk
from auditor.store.base import ObjectFacts
from auditor.store.folder import FolderStore
from tests.examples import examples
from tests.store import plain

KEYS = [
    "a",
    "a-b",
    "a.b/x",
    "a/b",
    "a/b.c",
    "a/b/c",
    "a0",
    "b/.hidden",
    "b/é",
    "b/\U00010000",
    "b/\uffee",
    "c d/%2F",
    "z\n",
]
names = st.sampled_from(["a", "a-", "a.", "a0", "b", "B", "é", "\uffee", "😀", "a b", "%2F", "\n", "a+"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


def fill(root: Path, keys: list[str] | set[str]) -> set[str]:
    """Files for as many of the keys as can stand side by side, where a file and a folder cannot share a name."""
    made = set()
    for key in sorted(keys):
        try:
            (root / key).parent.mkdir(parents=True, exist_ok=True)
            (root / key).write_bytes(key.encode())
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
        made.add(key)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    return root


def keys_of(store: FolderStore, *wanted: str | None) -> list[str]:
    return [str(row["key"]) for row in plain.listed(store.list(*wanted))]  # type: ignore[arg-type]


def test_the_order_is_that_of_whole_keys(root: Path) -> None:
    made = fill(root, [key for key in KEYS if key not in ("a", "a/b")])
    (root / "empty" / "folder").mkdir(parents=True)
    assert keys_of(FolderStore(root)) == sorted(made, key=str.encode)
    assert keys_of(FolderStore(root))[:3] == ["a-b", "a.b/x", "a/b.c"]


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(paths, max_size=12), prefix=st.just("") | paths, after=st.none() | paths, until=st.none() | paths)
def test_every_range(
    keys: set[str], prefix: str, after: str | None, until: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("root")
    expected = [
        key
        for key in sorted(fill(root, keys), key=str.encode)
        if key.startswith(prefix)
        and (after is None or key.encode() > after.encode())
        and (until is None or key.encode() <= until.encode())
    ]
    assert keys_of(FolderStore(root), prefix, after, until) == expected


def test_columns(root: Path) -> None:
    fill(root, ["a/b"])
    os.utime(root / "a/b", ns=(0, 1767323045_123456789))
    store = FolderStore(root)
    (row,) = plain.listed(store.list())
    assert row["size"] == 3
    assert row["last_modified"] == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert row["storage_class"] == "STANDARD"
    assert store.head("a/b") == ObjectFacts(**row)  # type: ignore[arg-type]
    (root / "a/b").write_bytes(b"other")
    facts = store.head("a/b")
    assert facts is not None
    assert facts.etag != row["etag"]


def test_tables_are_of_bounded_size(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, [f"{number:02}" for number in range(10)])
    monkeypatch.setattr(folder, "TABLE_ROWS", 4)
    assert [len(table) for table in FolderStore(root).list()] == [4, 4, 2]


def test_only_what_may_hold_keys_of_the_range_is_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, ["a/x/1", "b/x/1", "b/y/1", "c/1", "d/1"])
    opened = []
    scandir = os.scandir
    monkeypatch.setattr(walk.os, "scandir", lambda path: opened.append(os.fsdecode(path)) or scandir(path))
    assert keys_of(FolderStore(root), "", "b/x/1", "c/1") == ["b/y/1", "c/1"]
    assert [str(Path(path).relative_to(root)) for path in opened] == [".", "b", "b/x", "b/y", "c"]


@pytest.mark.parametrize("kind", ["to a file", "to a folder", "to itself", "to nothing", "out of the folder"])
def test_links_are_not_followed(kind: str, root: Path) -> None:
    fill(root, ["a/b", "z"])
    target = {"to a file": "a/b", "to a folder": "a", "to itself": "m", "to nothing": "no", "out of the folder": "/etc"}
    (root / "m").symlink_to(target[kind])
    store = FolderStore(root)
    with pytest.raises(ListingFailed, match="'m' is a symbolic link, which can be no object; move it"):
        keys_of(store)
    assert keys_of(store, "", "m") == ["z"]
    with pytest.raises(ObjectUnreadable) as caught:
        store.head("m")
    assert caught.value.refused
    with pytest.raises(ObjectUnreadable), store.open("m"):
        pass
    assert store.head("m/b") is None
    assert store.head("m/passwd") is None


def test_a_folder_that_is_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    fill(root, ["a"])
    (tmp_path / "link").symlink_to(root)
    store = FolderStore(tmp_path / "link")
    assert keys_of(store) == ["a"]
    assert store.head("a") is not None


def test_devices_and_the_like(root: Path) -> None:
    os.mkfifo(root / "pipe")
    store = FolderStore(root)
    with pytest.raises(ListingFailed, match="'pipe' is neither a file nor a folder"):
        keys_of(store)
    with pytest.raises(ObjectUnreadable), store.open("pipe"):
        pass
    (root / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(root / "s"))
        with pytest.raises(ListingFailed, match="neither a file nor a folder"):
            keys_of(store)


def test_a_name_that_is_no_utf8(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9\x1b")).write_bytes(b"")
    with pytest.raises(ListingFailed, match="is not UTF-8") as caught:
        keys_of(FolderStore(root))
    assert r"caf\xe9\x1b" in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read(root: Path) -> None:
    fill(root, ["a/b", "c/d"])
    (root / "c").chmod(0)
    try:
        with pytest.raises(ListingFailed, match=r"'c/' cannot be read .Permission denied.; make it readable"):
            keys_of(FolderStore(root))
        with pytest.raises(ObjectUnreadable) as caught:
            FolderStore(root).head("c/d")
        assert caught.value.refused
    finally:
        (root / "c").chmod(0o700)


def test_a_scan_that_the_system_refuses(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, ["a/b", "c/d"])
    scandir = os.scandir

    def refusing(path: bytes) -> object:
        if path.endswith(b"c/"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walk.os, "scandir", refusing)
    with pytest.raises(ListingFailed, match=r"'c/' cannot be read .Permission denied.; make it readable"):
        keys_of(FolderStore(root))


def test_what_vanishes_meanwhile_is_not_listed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root, ["a", "b", "c/d", "e/f"])
    scandir = os.scandir

    def meanwhile(path: bytes) -> object:
        entries = scandir(path)
        if not path.endswith(b"/"):
            return entries
        if path.endswith(b"c/"):
            raise FileNotFoundError
        return entries

    store = FolderStore(root)
    monkeypatch.setattr(walk.os, "scandir", meanwhile)
    lstat = os.lstat

    def gone(path: bytes) -> os.stat_result:
        if path.endswith(b"/b"):
            raise FileNotFoundError
        return lstat(path)

    monkeypatch.setattr(walk.os, "lstat", gone)
    assert keys_of(store) == ["a", "e/f"]


def test_the_folder_itself_vanishes(root: Path) -> None:
    store = FolderStore(root)
    root.rmdir()
    with pytest.raises(ListingFailed, match="no longer there"):
        keys_of(store)


@pytest.mark.parametrize(
    "key",
    [
        "../secret",
        "/etc/passwd",
        "a/../b",
        "a//b",
        "./b",
        "a/",
        "a",
        "",
        ".",
        "..",
        "b/c",
        "no",
        "b\0",
        "\ud800",
        "x" * 1024,
    ],
)
def test_keys_that_no_file_has(key: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")
    fill(root, ["a/x", "b"])
    store = FolderStore(root)
    assert store.head(key) is None
    with pytest.raises(ObjectGone), store.open(key):
        pass


def test_bytes(root: Path) -> None:
    fill(root, ["a/0123456789"])
    store = FolderStore(root)
    with store.open("a/0123456789") as stream:
        assert stream.read() == b"a/0123456789"
    with store.open("a/0123456789", 2, 3) as stream:
        memory = bytearray(5)
        assert stream.readinto(memoryview(memory)) == 3  # type: ignore[attr-defined]
        assert memory[:3] == b"012"
        assert stream.read() == b""
        assert not stream.writable()
    with store.open("a/0123456789", 10, 3) as stream, pytest.raises(ObjectUnreadable, match="1 bytes early") as caught:
        stream.read()
    assert not caught.value.refused
    store.close()


def test_the_clock_is_this_machines(root: Path) -> None:
    before = datetime.now(UTC)
    assert before <= FolderStore(root).clock() <= datetime.now(UTC)
