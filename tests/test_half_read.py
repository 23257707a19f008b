"""Half-read is not read: every reader of the audit, every way in which it may fail, through the real command.

Each line of the table ends in `incomplete` (exit 3, `complete: false`) or `correct` (all that was planted is said);
and neither ever says anything that is not true.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pyarrow as pa
import pytest

from auditor.errors import RowsFailed
from auditor.rows.sqlite import SqliteRows
from tests.examples import by_default
from tests.scanning import Scanned, scan, with_credentials, world
from tests.servers import faults
from tests.servers.doors import KINDS, behind, door
from tests.servers.quick import without_pauses
from tests.servers.stub_s3 import Answer, Fault, Request, StubS3
from tests.world.world import World

Outcome = Literal["incomplete", "correct"]
Database = Literal["sqlite", "backup"]
SEED, OBJECTS, PAGE = 1, 400, 40
FOR_GOOD, FOR_A_WHILE = None, 2  # how often it fails


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)
    without_pauses(monkeypatch)


@dataclass(frozen=True)
class Scene:
    made: World
    server: StubS3
    monkeypatch: pytest.MonkeyPatch
    rows: Path


@cache
def database(made: World) -> bytes:
    with TemporaryDirectory() as folder:
        made.write_database(Path(folder) / "rows.db")
        return (Path(folder) / "rows.db").read_bytes()


def audited(scene: Scene, folder: Path, db: Database, *options: str) -> Scanned:
    source = f"sqlite:///{scene.rows}" if db == "sqlite" else db
    bucket = [f"s3://{scene.server.bucket}", "--endpoint-url", scene.server.url]
    return scan(bucket, folder / "run", "--db", source, "--format", "terminal", *options)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A world behind the stub; on request, in a real server whose answers are bent on their way."""
    kind = getattr(request, "param", "stub")
    made = behind(kind, SEED, OBJECTS)
    (tmp_path / "rows.db").write_bytes(database(made))
    with door(kind, made, page_size=PAGE) as server:
        yield Scene(made, server, monkeypatch, tmp_path / "rows.db")


of_every_server = pytest.mark.parametrize("scene", KINDS, indirect=True)


def check(made: World, scanned: Scanned, outcome: Outcome, db: Database, *, content: bool = False) -> None:
    truth = set((made.truth(db) if content else made.truth(db).unread()).findings)
    # RUN001 says just that: it could not be read
    said = {finding for finding in scanned.said() if finding[0] != "RUN001"}
    assert not said - truth
    if outcome == "correct":
        assert (scanned.code, scanned.summary["complete"]) == (1, True), scanned.summary["errors"]
        assert said == truth
    else:
        assert (scanned.code, scanned.summary["complete"]) == (3, False)
        assert scanned.summary["errors"]
    classed = sum(entry["objects"] for entry in scanned.summary["classes"].values())
    assert classed == scanned.summary["listing"]["objects"] == len(scanned.classes())
    assert sum(scanned.summary["row_classes"].values()) == scanned.summary["rows"]["count"]


# -- the listing of a bucket


def of_the_bucket(request: Request) -> bool:
    """A page of the listing; not the question for the time, and not the search for a backup."""
    return request.operation == "ListObjectsV2" and request.query.get("max-keys") != "1" and not _prefix(request)


def _prefix(request: Request) -> str:
    return request.query.get("prefix", "")


def fails(fault: Fault, times: int | None = FOR_GOOD, skip: int = 3) -> Callable[[StubS3], None]:
    return lambda server: server.when(of_the_bucket, fault, skip=skip, times=times)


def again(server: StubS3) -> None:
    """The fifth page is the fourth once more."""
    pages: list[Answer] = []

    def repeat(request: Request, answer: Answer) -> Answer:
        if of_the_bucket(request):
            pages.append(answer)
        return pages[3] if len(pages) == 5 and of_the_bucket(request) else answer

    server.hooks.append(repeat)


def jump(server: StubS3) -> None:
    """The fifth page comes in place of the fourth, whose keys are left out; every page is as a page should be."""
    pages = 0

    def one_further(request: Request, answer: Answer) -> Answer:
        nonlocal pages
        pages += of_the_bucket(request)
        if pages != 4 or not of_the_bucket(request):
            return answer
        token = re.search(rb"<NextContinuationToken>([^<]*)<", answer.body)
        assert token is not None
        return server.ordinary(replace(request, query={**request.query, "continuation-token": token[1].decode()}))

    server.hooks.append(one_further)


LISTING: dict[str, tuple[Callable[[StubS3], None], Outcome]] = {
    "connection lost after half of a page": (fails(faults.cut_off), "incomplete"),
    "connection lost after half of a page, for a while": (fails(faults.cut_off, FOR_A_WHILE), "correct"),
    "connection reset": (fails(faults.reset), "incomplete"),
    "half of a page, well counted by its headers": (fails(faults.cut_off_silently), "incomplete"),
    "an empty body": (fails(faults.empty_body), "incomplete"),
    "some other page": (fails(faults.some_other_page), "incomplete"),
    "SlowDown": (fails(faults.slow_down), "incomplete"),
    "SlowDown for a while": (fails(faults.slow_down, FOR_A_WHILE), "correct"),
    "a 200 with an error in its body": (fails(faults.error_in_200), "incomplete"),
    "a 200 with an error in its body, for a while": (fails(faults.error_in_200, FOR_A_WHILE), "correct"),
    "expired credentials": (fails(faults.expired), "incomplete"),
    "fewer entries than KeyCount says": (fails(faults.one_key_short), "incomplete"),
    "fewer entries than KeyCount says, once": (fails(faults.one_key_short, 1), "correct"),
    "more to come, and no token": (fails(faults.no_token), "incomplete"),
    "nothing to come, and a token": (fails(faults.swap(b"<IsTruncated>true", b"<IsTruncated>false")), "incomplete"),
    "no word on whether more is to come": (fails(faults.swap(b"<IsTruncated>true</IsTruncated>", b"")), "incomplete"),
    "two keys in the wrong order": (fails(faults.two_swapped), "incomplete"),
    "a page twice": (again, "incomplete"),
    "a page missing": (jump, "incomplete"),
    "an early end": (fails(faults.ended), "incomplete"),
}


@of_every_server
@pytest.mark.parametrize(
    "fault",
    by_default(
        LISTING,
        "connection lost after half of a page",
        "connection lost after half of a page, for a while",
        "half of a page, well counted by its headers",
        "a 200 with an error in its body",
        "fewer entries than KeyCount says",
        "more to come, and no token",
        "nothing to come, and a token",
        "two keys in the wrong order",
        "a page twice",
        "a page missing",
        "an early end",
    ),
)
def test_the_listing_with_live_rows(scene: Scene, tmp_path: Path, fault: str) -> None:
    plant, outcome = LISTING[fault]
    plant(scene.server)
    check(scene.made, audited(scene, tmp_path, "sqlite", "--no-content"), outcome, "sqlite")


@of_every_server
@pytest.mark.parametrize(
    "fault",
    by_default(
        ["connection lost after half of a page", "a page twice", "a page missing", "an early end"], "a page missing"
    ),
)
def test_the_listing_with_a_backup(scene: Scene, tmp_path: Path, fault: str) -> None:
    plant, outcome = LISTING[fault]
    plant(scene.server)
    check(scene.made, audited(scene, tmp_path, "backup", "--no-content"), outcome, "backup")


# -- the pages of rows

Pages = Callable[[list[pa.Table]], Iterator[pa.Table]]


def dying(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield from pages[: len(pages) // 2]
    raise RowsFailed("the database went away")


def skipping(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield from pages[:2]
    yield from pages[3:]


def ending(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield from pages[: len(pages) // 2]


def repeating(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield from [*pages[:3], *pages[2:]]


def going_back(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield from [*pages[:3], pages[0], *pages[3:]]


def unsorted(pages: list[pa.Table]) -> Iterator[pa.Table]:
    yield pages[0].take(list(reversed(range(pages[0].num_rows))))
    yield from pages[1:]


def beyond(pages: list[pa.Table]) -> Iterator[pa.Table]:
    """The reader does not stop at the end of the range."""
    yield from pages
    yield pages[-1].set_column(0, "key", pa.array([f"\U0010ffff{n:05}" for n in range(pages[-1].num_rows)]))


ROWS: dict[str, Pages] = {
    "the connection is lost after half": dying,
    "a page missing": skipping,
    "an early end": ending,
    "a page twice": repeating,
    "a page out of turn": going_back,
    "rows out of order": unsorted,
}


def spoil_pages(monkeypatch: pytest.MonkeyPatch, how: Pages) -> None:
    """Pages of thirty rows, and those of a range spoilt; look-ups stay as they are."""
    honest = SqliteRows.pages

    def pages(self: SqliteRows, after: str | None, until: str | None) -> Iterator[pa.Table]:
        whole = list(honest(self, after, until))  # a private copy that was sorted has pages of its own length
        return how([page.slice(start, 30) for page in whole for start in range(0, page.num_rows, 30)])

    monkeypatch.setattr(SqliteRows, "pages", pages)


@pytest.mark.parametrize("db", by_default(["sqlite", "backup"], "sqlite"))
@pytest.mark.parametrize("fault", ROWS)
def test_rows(scene: Scene, tmp_path: Path, fault: str, db: Database) -> None:
    spoil_pages(scene.monkeypatch, ROWS[fault])
    scanned = audited(scene, tmp_path, db, "--no-content")
    check(scene.made, scanned, "incomplete", db)
    if fault in ("a page missing", "an early end"):
        assert not [entry for entry in scanned.said() if entry[0] in ("REF001", "REF002")]
        assert scanned.summary["canary"]["ok"] < scanned.summary["canary"]["pairs"]
        assert "Canary" in scanned.stdout


@pytest.mark.parametrize("db", by_default(["sqlite", "backup"], "backup"))
def test_a_reader_that_reads_past_the_end(scene: Scene, tmp_path: Path, db: Database) -> None:
    spoil_pages(scene.monkeypatch, beyond)
    scanned = audited(scene, tmp_path, db, "--no-content", "--workers", "2")
    assert scanned.code == 3
    assert not [entry for entry in scanned.said() if entry[0] == "REF002" and entry[1].startswith("\U0010ffff")]


def test_a_file_that_is_cut_off_while_it_is_read(scene: Scene, tmp_path: Path) -> None:
    def cut(request: Request, answer: Answer) -> Answer:
        if of_the_bucket(request) and "continuation-token" in request.query:
            os.truncate(scene.rows, 3 * 4096)
        return answer

    scene.server.hooks.append(cut)
    check(scene.made, audited(scene, tmp_path, "sqlite", "--no-content"), "incomplete", "sqlite")


def test_a_whole_reader_for_comparison(scene: Scene, tmp_path: Path) -> None:
    spoil_pages(scene.monkeypatch, iter)
    scanned = audited(scene, tmp_path, "sqlite", "--no-content")
    check(scene.made, scanned, "correct", "sqlite")
    assert scanned.summary["canary"]["ok"] == scanned.summary["canary"]["pairs"] > 20


# -- HEAD


def head(request: Request) -> bool:
    return request.operation == "HeadObject"


HEADS: dict[str, tuple[Fault, int | None, Outcome]] = {
    "server error": (faults.internal_error, FOR_GOOD, "incomplete"),
    "server error, for a while": (faults.internal_error, FOR_A_WHILE, "correct"),
    "SlowDown": (faults.slow_down, FOR_GOOD, "incomplete"),
    "connection reset": (faults.reset, FOR_GOOD, "incomplete"),
    "connection reset, for a while": (faults.reset, FOR_A_WHILE, "correct"),
    "denied": (faults.denied, FOR_GOOD, "incomplete"),
    "expired credentials": (faults.expired, FOR_GOOD, "incomplete"),
}


@of_every_server
@pytest.mark.parametrize("fault", by_default(HEADS, "server error", "server error, for a while", "denied"))
def test_head(scene: Scene, tmp_path: Path, fault: str) -> None:
    broken, times, outcome = HEADS[fault]
    scene.server.when(head, broken, times=times)
    scanned = audited(scene, tmp_path, "sqlite", "--no-content")
    check(scene.made, scanned, outcome, "sqlite")
    if outcome == "incomplete":
        assert not [entry for entry in scanned.said() if entry[0] in ("REF001", "REF002")]


# -- ranged GET


def get(request: Request) -> bool:
    return request.operation == "GetObject" and "journey_embeddings" in (request.key or "")


def without_range(answer: Answer) -> Answer:
    """A server that knows no ranges sends everything."""
    return replace(answer, status=200, headers={k: v for k, v in answer.headers.items() if k != "Content-Range"})


GETS: dict[str, tuple[Fault, int | None, Outcome]] = {
    "connection lost after half": (faults.cut_off, FOR_GOOD, "incomplete"),
    "fewer bytes than were asked for": (faults.cut_off_silently, FOR_GOOD, "incomplete"),
    "server error": (faults.internal_error, FOR_GOOD, "incomplete"),
    "server error, for a while": (faults.internal_error, FOR_A_WHILE, "correct"),
    "connection reset, for a while": (faults.reset, FOR_A_WHILE, "correct"),
    "a server without ranges": (without_range, FOR_GOOD, "incomplete"),
}


@of_every_server
@pytest.mark.parametrize(
    "fault",
    by_default(GETS, "connection lost after half", "fewer bytes than were asked for", "server error, for a while"),
)
def test_contents(scene: Scene, tmp_path: Path, fault: str) -> None:
    broken, times, outcome = GETS[fault]
    scene.server.when(get, broken, times=times)
    check(scene.made, audited(scene, tmp_path, "sqlite"), outcome, "sqlite", content=True)


# -- the download of a backup


def download(server: StubS3) -> Callable[[Request], bool]:
    newest = max(key for key in server.objects if key.startswith("s3_files/backup/database/1"))
    return lambda request: request.operation == "GetObject" and request.key == newest


@of_every_server
@pytest.mark.parametrize("fault", [faults.cut_off, faults.internal_error, faults.reset])
def test_a_download_that_breaks_off_once_goes_on(scene: Scene, tmp_path: Path, fault: Fault) -> None:
    scene.server.when(download(scene.server), fault, times=1)
    check(scene.made, audited(scene, tmp_path, "backup", "--no-content"), "correct", "backup")


@of_every_server
@pytest.mark.parametrize("fault", [faults.cut_off, faults.cut_off_silently, faults.internal_error, faults.denied])
def test_a_backup_that_cannot_be_had_whole_is_not_used(scene: Scene, tmp_path: Path, fault: Fault) -> None:
    """There is an older one that can be read, or the run does not start: half a backup is no reference."""
    scene.server.when(download(scene.server), fault)
    scanned = audited(scene, tmp_path, "backup", "--no-content")
    assert scanned.code == 2
    assert "can be read" in scanned.stderr
    assert not scanned.out.exists()


# -- a folder


@dataclass(frozen=True)
class Folder:
    root: Path
    monkeypatch: pytest.MonkeyPatch

    def refuse(self, name: bytes) -> None:
        """The system cannot read one of the folders."""

        def refusing(path: bytes) -> bytes:
            raise OSError(5, "Input/output error")

        self._scan(name, refusing)

    def forget(self, name: bytes) -> None:
        """One of the folders looks empty."""
        empty = self.root.parent / "empty"
        empty.mkdir()
        self._scan(name, lambda path: os.fsencode(empty))

    def _scan(self, name: bytes, instead: Callable[[bytes], bytes]) -> None:
        scandir = os.scandir

        def scanning(path: Any) -> Any:
            chosen = isinstance(path, bytes) and path.rstrip(b"/").endswith(name)
            return scandir(instead(path) if chosen else path)

        self.monkeypatch.setattr(os, "scandir", scanning)


FOLDERS: dict[str, Callable[[Folder], None]] = {
    "a folder that cannot be read": lambda folder: folder.refuse(b"images/exports"),
    "a folder that looks empty": lambda folder: folder.forget(b"images/exports"),
    "a symbolic link": lambda folder: (folder.root / "s3_files" / "images" / "link").symlink_to("/nowhere"),
    "a name that is no text": lambda folder: (folder.root / os.fsdecode(b"s3_files/\xff")).write_bytes(b""),
}


@pytest.mark.parametrize("fault", FOLDERS)
def test_the_listing_of_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str) -> None:
    made = world(SEED, OBJECTS, "folder")
    made.write_folder(tmp_path / "bucket")
    made.write_database(tmp_path / "rows.db")
    FOLDERS[fault](Folder(tmp_path / "bucket", monkeypatch))
    scanned = scan([f"file://{tmp_path / 'bucket'}"], tmp_path / "run", "--db", f"sqlite:///{tmp_path / 'rows.db'}")
    assert (scanned.code, scanned.summary["complete"]) == (3, False)
    assert not set(scanned.said()) - made.truth("sqlite").findings
