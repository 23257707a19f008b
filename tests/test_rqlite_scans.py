"""Whole audits against a node that misbehaves: the planted truth, or an incomplete run. Never a wrong accusation."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples import by_default
from tests.rows.rqlite.making import QUICK
from tests.scanning import Scanned, auditor, scan, with_credentials, world
from tests.servers import rqlite_faults as faults
from tests.servers.stub_rqlite import Fault, StubRqlite
from tests.world.world import World

PICTURES = ("IMG", "MED")  # nearly every object, and none of a database's concern
WITHOUT_PICTURES = [word for code in PICTURES for word in ("--ignore", code)]
OPENING = 4  # requests before the first page: encoding, columns, a page of one row, keys that are no text
PAGE_ROWS = 25
BENT: dict[str, Fault] = {
    "half of the body": faults.cut_off,
    "some of the results": faults.cut_after_a_result,
    "503": faults.status(503),
    "redirects in a circle": faults.redirect("http://127.0.0.1:1/db/query"),
    "an error in a result": faults.error_in_a_result,
    "a row less": faults.one_short,
}
HARMLESS: dict[str, Fault] = {"out of order": faults.backwards, "slow": faults.slow(0.02), "gzip": faults.packed}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    world(1, 400, "folder").write_folder(folder / "bucket")
    world(1, 400, "folder").write_database(folder / "rows.db")
    return folder


@pytest.fixture
def made(bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "bucket").symlink_to(bucket / "bucket")
    shutil.copy(bucket / "rows.db", tmp_path / "rows.db")
    with_credentials(monkeypatch)
    monkeypatch.setattr("auditor.rows.rqlite.source.PACE", QUICK)
    monkeypatch.setattr("auditor.rows.rqlite.source.PAGE_ROWS", PAGE_ROWS)
    return world(1, 400, "folder")


@pytest.fixture
def node(made: World, tmp_path: Path) -> Iterator[StubRqlite]:
    with StubRqlite(tmp_path / "rows.db") as server:
        yield server


def audited(folder: Path, *nodes: StubRqlite) -> Scanned:
    places = ",".join(node.place for node in nodes)
    return scan([f"file://{folder / 'bucket'}"], folder / "run", "--db", f"rqlite://{places}", *WITHOUT_PICTURES)


def is_right(scanned: Scanned, made: World) -> None:
    assert scanned.summary["complete"], scanned.summary["errors"]
    truth = made.truth("sqlite").without(*PICTURES)
    assert scanned.said() == sorted(truth.findings)
    assert scanned.classes() == truth.classes
    assert scanned.code == 1


def is_half(scanned: Scanned, made: World) -> None:
    """Nothing is said that is not true, and that something is missing is said loudly."""
    assert scanned.code == 3
    assert scanned.summary["complete"] is False
    assert any("could not be read: " in error["message"] for error in scanned.summary["errors"])
    truth = made.truth("sqlite").without(*PICTURES)
    assert set(scanned.said()) <= set(truth.findings)
    differ = {name for key, name in scanned.classes().items() if truth.classes[key] != name}
    assert differ <= {"unjudged"}


def test_all_is_well(node: StubRqlite, made: World, tmp_path: Path) -> None:
    scanned = audited(tmp_path, node)
    is_right(scanned, made)
    assert scanned.summary["row_classes"] == dict(made.truth("sqlite").row_counts())
    assert scanned.summary["rows"]["source"] == node.url
    assert {(request.method, request.path) for request in node.requests} == {("POST", "/db/query")}
    assert all(sql.startswith("SELECT ") for request in node.requests for sql in request.statements)


@pytest.mark.parametrize("name", by_default(BENT, "half of the body", "some of the results", "a row less"))
def test_from_the_second_page_on(node: StubRqlite, made: World, tmp_path: Path, name: str) -> None:
    node.fail_after(OPENING + 1, BENT[name])
    is_half(audited(tmp_path, node), made)


def test_a_node_that_is_too_slow(
    node: StubRqlite, made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.fail_after(OPENING + 1, faults.slow(0.6))
    monkeypatch.setattr("auditor.rows.rqlite.source.PACE", replace(QUICK, attempt=0.3))
    is_half(audited(tmp_path, node), made)


@pytest.mark.parametrize("name", ["half of the body", "an error in a result"])
def test_from_the_second_look_on(node: StubRqlite, made: World, tmp_path: Path, name: str) -> None:
    def hook(request: object, answer: faults.Answer) -> faults.Answer:
        return BENT[name](answer) if request.query["level"] == "linearizable" and counted else answer  # type: ignore[attr-defined]

    counted: list[bool] = []
    node.fail_after(OPENING, lambda answer: counted.append(True) or answer)  # type: ignore[func-returns-value]
    node.hooks.append(hook)
    is_half(audited(tmp_path, node), made)


@pytest.mark.parametrize("name", by_default(HARMLESS, "out of order"))
def test_harmless(node: StubRqlite, made: World, tmp_path: Path, name: str) -> None:
    node.fail_after(0, HARMLESS[name])
    is_right(audited(tmp_path, node), made)


def test_a_page_twice(node: StubRqlite, made: World, tmp_path: Path) -> None:
    node.hooks.append(faults.page_before())
    is_half(audited(tmp_path, node), made)


@pytest.mark.parametrize("owns_up", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_follower_that_lags(node: StubRqlite, made: World, tmp_path: Path, owns_up: bool) -> None:
    """Its copy lacks rows of live objects, and holds a row that is deleted since; the leader knows better."""
    shutil.copy(tmp_path / "rows.db", tmp_path / "old.db")
    truth = made.truth("sqlite")
    ok = [key for key, name in truth.classes.items() if name == "ok" and "images/exports" in key]
    live = [key for key in ok if made.object(key).modified < truth.cutoff.timestamp()][::7]  # young ones are not judged
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection, connection:
        for key in live:
            assert connection.execute("DELETE FROM s3_files WHERE key = ?", (key,)).rowcount == 1
        connection.execute(
            "INSERT INTO s3_files (uid, key, file_size, content_type, created_at) VALUES "
            "('oseh_s3f_gone', 's3_files/images/exports/oseh_ife_AAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAA0.webp', 1, 'x', 0)"
        )
    node.path, node.stale = tmp_path / "old.db", owns_up
    is_right(audited(tmp_path, node), made)
    assert len(live) > 3


def test_a_node_that_is_killed(node: StubRqlite, made: World, tmp_path: Path) -> None:
    with StubRqlite(tmp_path / "rows.db") as second:
        killed: list[bool] = []

        def kill(answer: faults.Answer) -> faults.Answer:
            killed.append(True)
            node._server.hang_up()
            return faults.Answer(reset=True)

        node.fail_after(OPENING + 2, kill)
        is_right(audited(tmp_path, node, second), made)
        assert killed
        assert len(second.requests) > 3


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.status(401), "refused the credentials of --db (HTTP 401); the user needs the permission `query`"),
        (faults.status(404), "answered HTTP 404, which rqlite does not"),
        (faults.reset, "lost the connection"),
        (faults.some_other_page, "sent an answer that is not whole"),
    ],
)
def test_what_cannot_start(node: StubRqlite, tmp_path: Path, fault: Fault, says: str) -> None:
    node.fail_after(0, fault)
    url = f"rqlite://me:hunter2@{node.place}"
    result = auditor("scan", f"file://{tmp_path / 'bucket'}", "--out", str(tmp_path / "run"), "--db", url)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert "hunter2" not in result.output
    assert not (tmp_path / "run").exists()


def test_the_password_is_in_nothing_that_a_run_leaves(node: StubRqlite, made: World, tmp_path: Path) -> None:
    node.login = "me:hunter2"
    node.fail_after(OPENING + 3, faults.status(503))
    url = f"rqlite://me:hunter2@{node.place}"
    result = auditor(
        "scan", f"file://{tmp_path / 'bucket'}", "--settle", "0s", "--out", str(tmp_path / "run"), "--db", url
    )
    assert result.exit_code == 3
    written = [path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not any(b"hunter2" in text for text in [result.output.encode(), *written])
