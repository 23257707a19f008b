"""Whatever a node does wrong: the right rows, or a failure that names the node. Never fewer rows without a word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.rows import RowTable
from tests.rows.making import make_db, plain
from tests.rows.rqlite.making import QUICK, Pace, rows_of
from tests.rows.rqlite.test_reading import pages
from tests.servers import rqlite_faults as faults
from tests.servers.stub_rqlite import Fault, Hook, StubRqlite

KEYS = [f"k{n:02}" for n in range(40)]
LOST: dict[str, tuple[Fault, str]] = {  # what a later attempt may heal
    "half of the body": (faults.cut_off, "lost the connection"),
    "half of the JSON": (faults.cut_off_silently, "an answer that is not whole"),
    "some of the results": (faults.cut_after_a_result, "the answer to another question"),
    "the first result lost": (faults.first_result_lost, "the answer to another question"),
    "no results": (faults.no_results, "the answer to another question"),
    "no answer": (faults.reset, "lost the connection"),
    "500": (faults.status(500), "answered HTTP 500"),
    "503": (faults.status(503), "answered HTTP 503 (has the cluster a leader?)"),
    "429": (faults.status(429), "answered HTTP 429"),
    "an error beside results": (faults.error_beside_results, "could not answer: leadership lost"),
    "an error in a result": (faults.error_in_a_result, "could not run a statement: disk I/O error"),
    "a portal": (faults.some_other_page, "an answer that is not whole"),
    "other JSON": (faults.some_other_json, "did not answer as rqlite does"),
    "gzip, damaged": (faults.packed_badly, "sent what cannot be unpacked"),
    "a redirect to itself elsewhere": (faults.redirect("http://127.0.0.1:1/db/query"), "--db does not name"),
}
WRONG: dict[str, tuple[Fault, str]] = {  # an answer that is whole and cannot be right
    "a row less": (faults.one_short, "rows came and"),
    "a row twice": (faults.one_twice, "rows came and"),
    "a field less": (faults.fields_lost, "cannot be read"),
    "half a digit": (faults.half_a_digit, "cannot be read"),
    "no digits": (faults.not_hex, "cannot be read"),
}
HARMLESS: dict[str, Fault] = {"gzip": faults.packed, "out of order": faults.backwards, "slow": faults.slow(0.02)}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[StubRqlite]:
    with StubRqlite(make_db(tmp_path / "rows.db", plain(KEYS))) as server:
        yield server


@pytest.mark.parametrize(("fault", "says"), [*LOST.values(), *WRONG.values()], ids=[*LOST, *WRONG])
def test_in_the_middle_for_good(node: StubRqlite, fault: Fault, says: str) -> None:
    with rows_of(node, page_rows=10) as rows:
        found = rows.pages(None, None)
        assert next(found)["key"].to_pylist() == KEYS[:10]
        node.fail_after(0, fault)
        with pytest.raises(RowsFailed) as caught:
            next(found)
        with pytest.raises(RowsFailed):
            rows.lookup(KEYS[:3])
    assert says in str(caught.value)
    assert f"rows of rqlite://{node.place} could not be read: " in str(caught.value)


@pytest.mark.parametrize("fault", [fault for fault, _ in LOST.values()], ids=LOST)
def test_once_heals(node: StubRqlite, fault: Fault) -> None:
    with rows_of(node, page_rows=10) as rows:
        node.fail_after(2, fault, times=1)
        assert pages(rows)["key"].to_pylist() == KEYS


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS)
def test_harmless(node: StubRqlite, fault: Fault) -> None:
    with rows_of(node, page_rows=10) as rows:
        node.fail_after(0, fault)
        assert pages(rows)["key"].to_pylist() == KEYS
        assert rows.lookup(KEYS[3:5])["key"].to_pylist() == KEYS[3:5]


@pytest.mark.parametrize(
    ("hook", "says"),
    [
        (faults.same_answer_again(), "the answer to another question"),
        (faults.page_before(), "outside of the range"),
    ],
    ids=["word by word", "with the right mark"],
)
def test_a_page_twice(node: StubRqlite, hook: Hook, says: str) -> None:
    with rows_of(node, page_rows=10) as rows:
        node.hooks.append(hook)
        found = rows.pages(None, None)
        assert next(found)["key"].to_pylist() == KEYS[:10]
        with pytest.raises(RowsFailed, match=says):
            next(found)


def test_a_border_without_its_rows(node: StubRqlite) -> None:
    with rows_of(node, page_rows=10) as rows:
        node.fail_after(0, faults.of_the_lines(lambda lines: lines[:-1]))
        node.fail_after(0, _one_less)
        with pytest.raises(RowsFailed, match="does not reach its end"):
            pages(rows)


def _one_less(answer: faults.Answer) -> faults.Answer:
    body = answer.body.replace(b'"values": [[10, ', b'"values": [[9, ')
    return faults.Answer(answer.status, answer.headers, body)


def test_rows_nobody_asked_for(node: StubRqlite) -> None:
    with rows_of(node) as rows:
        node.fail_after(0, faults.of_the_lines(lambda lines: [b"other".hex() + "," + lines[0].split(",", 1)[1]]))
        with pytest.raises(RowsFailed, match="were not asked for"):
            rows.lookup(["k01"])


def test_a_node_that_never_answers(node: StubRqlite) -> None:
    with rows_of(node, pace=Pace(opening=20, patience=0.1, attempt=0.2)) as rows:
        node.fail_after(0, faults.slow(0.6))
        with pytest.raises(RowsFailed, match=r"did not answer within 0\.2 s"):
            pages(rows)


def test_an_answer_that_drips(node: StubRqlite) -> None:
    with rows_of(node, pace=Pace(opening=20, patience=0.1, attempt=0.2)) as rows:
        node.fail_after(0, faults.dripping)
        begun = time.monotonic()
        with pytest.raises(RowsFailed, match="took too long to send its answer"):
            rows.count()
        assert time.monotonic() - begun < 1.5  # all of it would take twice as long


def test_a_number_that_is_none(node: StubRqlite) -> None:
    with rows_of(node) as rows:
        node.fail_after(0, lambda answer: faults.Answer(200, body=answer.body.replace(b"[[40]]", b'[["40"]]')))
        with pytest.raises(RowsFailed, match="a number was asked for"):
            rows.count()


@pytest.mark.parametrize(("fault", "says"), LOST.values(), ids=LOST)
def test_from_the_start(node: StubRqlite, fault: Fault, says: str) -> None:
    node.fail_after(0, fault)
    with pytest.raises(CannotStart) as caught:
        rows_of(node)
    assert says in str(caught.value)
    assert f"rqlite://{node.place} cannot be read: {node.place} " in str(caught.value)
    assert "check the hosts, or use --db backup" in str(caught.value)


@pytest.mark.parametrize("code", [400, 404, 405])
def test_what_is_not_rqlite_is_not_asked_again(node: StubRqlite, code: int) -> None:
    node.fail_after(0, faults.status(code))
    with pytest.raises(CannotStart, match=f"answered HTTP {code}, which rqlite does not"):
        rows_of(node, pace=Pace())
    assert len(node.requests) == 1


def test_no_such_table(tmp_path: Path) -> None:
    with StubRqlite(make_db(tmp_path / "rows.db", schema="CREATE TABLE other (x);")) as node:
        with pytest.raises(CannotStart, match="has no table s3_files: name the service's database"):
            rows_of(node)
        with pytest.raises(CannotStart, match="has no column key, uid"):
            rows_of(node, table=RowTable(name="other"))


def test_a_cluster_that_is_gone_is_waited_for_once(node: StubRqlite) -> None:
    with rows_of(node, pace=QUICK) as rows:
        node.fail_after(0, faults.status(503))
        for attempts in (range(3, 99), range(1, 2)):
            node.requests.clear()
            with pytest.raises(RowsFailed):
                rows.count()
            assert len(node.requests) in attempts
        node.hooks.clear()
        assert rows.count() == len(KEYS)
        node.fail_after(0, faults.status(503), times=1)
        assert rows.count() == len(KEYS)  # patient again
