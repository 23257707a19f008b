"""Several nodes: who is asked when one is gone, behind, or points elsewhere, and what is sent to whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from auditor.errors import CannotStart, RowsFailed
from tests.rows.making import insert, make_db, plain
from tests.rows.rqlite.making import Notes, Pace, rows_of
from tests.rows.rqlite.test_reading import pages
from tests.servers import rqlite_faults as faults
from tests.servers.stub_rqlite import StubRqlite, basic

KEYS = [f"k{n:02}" for n in range(40)]
Nodes = tuple[StubRqlite, StubRqlite, StubRqlite]


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    path = make_db(tmp_path / "rows.db", plain(KEYS))
    with ExitStack() as stack:
        a, b, c = (stack.enter_context(StubRqlite(path)) for _ in range(3))
        yield a, b, c


def test_one_node_is_enough(nodes: Nodes) -> None:
    a, b, c = nodes
    with rows_of(a, b, c, page_rows=10) as rows:
        found = rows.pages(None, None)
        first = next(found)["key"].to_pylist()
        assert a.requests
        assert not b.requests
        a.stop()
        second = next(found)["key"].to_pylist()
        b.stop()
        assert [*first, *second, *(key for page in found for key in page["key"].to_pylist())] == KEYS
        assert rows.lookup(["k01"]).num_rows == 1
        c.stop()
        with pytest.raises(RowsFailed) as caught:
            rows.count()
    for node in nodes:
        assert f"{node.place} could not be connected to" in str(caught.value)


def test_a_node_that_failed_is_not_asked_first_again(nodes: Nodes) -> None:
    a, b, c = nodes
    with rows_of(a, b, c, page_rows=10) as rows:
        a.fail_after(0, faults.status(503))
        before = len(a.requests)
        assert pages(rows)["key"].to_pylist() == KEYS
    assert len(a.requests) == before + 1
    assert not c.requests


def test_an_election_is_waited_out(nodes: Nodes) -> None:
    a, b, c = nodes
    with rows_of(a, b, c, pace=Pace(opening=1, patience=5, shortest_pause=0.01)) as rows:
        for node in nodes:
            node.fail_after(0, faults.status(503), times=3)
        assert rows.lookup(["k01"]).num_rows == 1
        for node in nodes:
            node.fail_after(0, faults.error_beside_results, times=2)
        assert rows.lookup(["k01"]).num_rows == 1


def test_a_node_that_is_behind_gives_way_to_one_that_is_not(nodes: Nodes, tmp_path: Path) -> None:
    a, b, _ = nodes
    old = make_db(tmp_path / "old.db", plain(KEYS[:5]))
    a.path, a.stale = old, True
    notes = Notes()
    with rows_of(a, b, progress=notes) as rows:
        a.requests.clear()
        b.requests.clear()
        assert pages(rows)["key"].to_pylist() == KEYS
        assert [request.query["level"] for request in b.requests] == ["none"]
        b.path, b.stale = old, True
        assert pages(rows)["key"].to_pylist() == KEYS
        assert sorted(request.query["level"] for request in a.requests + b.requests[1:]) == ["none", "none", "weak"]
    assert [note.split(" ", 1)[0] for note in notes.notes] == ["1"]


def test_a_node_without_the_table_yet(nodes: Nodes, tmp_path: Path) -> None:
    a, _, _ = nodes
    with rows_of(a) as rows:
        a.path = make_db(tmp_path / "new.db", schema="CREATE TABLE other (x);")
        assert pages(rows)["key"].to_pylist() == KEYS
        assert [request.query["level"] for request in a.requests[-2:]] == ["none", "weak"]


def test_a_copy_that_lags_without_a_word_does_not_make_a_row_missing(nodes: Nodes, tmp_path: Path) -> None:
    """The pages lack it, as they may; the look-up that an accusation needs has it."""
    a, _, _ = nodes
    a.path = make_db(tmp_path / "old.db", plain(KEYS[:5]))
    with rows_of(a) as rows:
        assert pages(rows)["key"].to_pylist() == KEYS[:5]
        assert rows.lookup(KEYS)["key"].to_pylist() == KEYS


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_to_a_named_host(nodes: Nodes, code: int) -> None:
    a, b, c = nodes
    a.fail_after(0, faults.redirect(f"http://{b.place}/db/query?level=none", code))
    b.fail_after(0, faults.redirect(f"http://{c.place}/db/query", code))
    with rows_of(a, b, c, login="me:secret") as rows:
        assert pages(rows)["key"].to_pylist() == KEYS
    assert {(one.method, one.path, one.headers["authorization"]) for one in c.requests} == {
        ("POST", "/db/query", basic("me:secret"))
    }


@pytest.mark.parametrize(
    "location",
    [
        "http://{other}/db/query",
        "http://{other}/db/query?level=weak",
        "https://{this}/db/query",
        "http://{this}/db/execute",
        "http://{this}/",
        "//{other}/db/query",
        "/db/query",
        "http://[",
        "http://me:secret@{other}/db/query",
        "",
    ],
)
def test_no_other_redirect_is_followed(nodes: Nodes, location: str) -> None:
    """Neither the question nor the credentials go to a host that the user did not name."""
    a, b, stranger = nodes
    target = location.format(other=stranger.place, this=b.place)
    with rows_of(a, b, login="me:secret") as rows:
        b.stop()
        a.fail_after(0, faults.redirect(target))
        with pytest.raises(RowsFailed, match=f"{a.place} redirects to ") as caught:
            pages(rows)
    assert not stranger.requests
    assert "secret" not in str(caught.value)
    assert {request.path for request in a.requests + b.requests} == {"/db/query"}


def test_redirects_in_a_circle(nodes: Nodes) -> None:
    a, b, _ = nodes
    with rows_of(a, b) as rows:
        a.fail_after(0, faults.redirect(f"http://{b.place}/db/query"))
        b.fail_after(0, faults.redirect(f"http://{a.place}/db/query"))
        with pytest.raises(RowsFailed, match="redirects in a circle"):
            pages(rows)


def test_credentials(nodes: Nodes) -> None:
    a, b, _ = nodes
    for node in nodes:
        node.login = "me:p@ss word"
    with rows_of(a, login="me:p%40ss%20word") as rows:
        assert pages(rows)["key"].to_pylist() == KEYS
        assert "p@ss" not in rows.source
        assert "me" not in rows.source
    for login in ("", "me:other"):
        a.requests.clear()
        with pytest.raises(CannotStart, match=r"refused the credentials of --db \(HTTP 401\)") as caught:
            rows_of(a, b, login=login, pace=Pace())
        assert "other" not in str(caught.value)
        assert len(a.requests) == 1  # it is no use to try again


def test_a_node_that_repeats_what_it_was_sent_tells_nobody_else(nodes: Nodes) -> None:
    a, _, _ = nodes
    a.hooks.append(lambda request, _: faults.said({"error": f"bad {request.headers['authorization']} of me:hunter2"}))
    with pytest.raises(CannotStart) as caught:
        rows_of(a, login="me:hunter2")
    assert "bad Basic *** of me:***" in str(caught.value)


def test_one_node_that_refuses_does_not_end_it(nodes: Nodes) -> None:
    a, b, _ = nodes
    a.login = "another:one"
    b.fail_after(0, faults.status(503), times=2)
    with rows_of(a, b) as rows:
        assert pages(rows)["key"].to_pylist() == KEYS


def test_threads(nodes: Nodes) -> None:
    a, b, c = nodes
    with rows_of(a, b, c, page_rows=7) as rows, ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(pages, rows) for _ in range(12)]
        a.stop()
        assert [page.result()["key"].to_pylist() for page in reading] == [KEYS] * 12


def test_each_look_is_fresh(nodes: Nodes) -> None:
    a, _, _ = nodes
    with rows_of(a) as rows:
        assert rows.lookup(["new"]).num_rows == 0
        with closing(sqlite3.connect(a.path)) as connection, connection:
            insert(connection, plain(["new"], start=99))
        assert rows.lookup(["new"]).num_rows == 1
