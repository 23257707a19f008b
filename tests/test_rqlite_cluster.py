"""Audits with the rows of a real rqlite: the planted truth, also when a node or the leader is killed in the middle."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.progress import Silent
from auditor.rows import RqliteRows, SqliteRows, parse_address
from auditor.rows.rqlite.cluster import Pace
from auditor.rows.rqlite.node import Node
from tests.rows.making import LOOSE, SCHEMA, TABLE, insert, make_db, plain
from tests.rows.rqlite.test_reading import pages
from tests.rows.rqlite.test_select import SELECTS
from tests.rows.test_pages import HARD, NO_CASE, NO_ROWID
from tests.rows.test_values import SIZES, TEXTS, TIMES
from tests.scanning import Scanned, scan, with_credentials, world
from tests.servers.certificates import make_certificates
from tests.servers.rqlite import RealNode, real_cluster, real_node, rqlited_binary
from tests.world.world import World

pytestmark = pytest.mark.server
PAGE_ROWS = 25


@pytest.fixture(scope="module")
def binary() -> str:
    found = rqlited_binary()
    if not found:
        pytest.skip("rqlited is not on PATH")
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    here = world(1, 400, "folder")
    folder = tmp_path_factory.getbasetemp() / "rqlite-world"
    here.write_folder(folder / "bucket")
    here.write_database(folder / "rows.db")
    return here


@pytest.fixture
def here(made: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "rqlite-world"


@pytest.fixture
def nodes(binary: str, made: World, here: Path, tmp_path: Path) -> Iterator[list[RealNode]]:
    with real_cluster(binary, tmp_path, here / "rows.db", len(made.rows())) as started:
        yield started


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> dict[int, Callable[[], object]]:
    """What to do before so many requests were sent, by their number."""
    planned: dict[int, Callable[[], object]] = {}
    sent = iter(range(1 << 62))
    post = Node.post

    def counted(self: Node, parameters: str, body: bytes, seconds: float) -> bytes:
        planned.pop(next(sent), lambda: None)()
        return post(self, parameters, body, seconds)

    monkeypatch.setattr(Node, "post", counted)
    return planned


def audited(here: Path, out: Path, monkeypatch: pytest.MonkeyPatch, db: str) -> Scanned:
    with_credentials(monkeypatch)
    monkeypatch.setattr("auditor.rows.rqlite.source.PAGE_ROWS", PAGE_ROWS)
    return scan([f"file://{here / 'bucket'}"], out / "run", "--db", db, "--workers", "2")


def is_right(scanned: Scanned, made: World) -> None:
    assert scanned.summary["complete"], scanned.summary["errors"]
    truth = made.truth("sqlite")
    assert scanned.said() == sorted(truth.findings)
    assert scanned.classes() == truth.classes
    assert scanned.summary["row_classes"] == dict(truth.row_counts())


def url_of(nodes: list[RealNode]) -> str:
    return "rqlite://" + ",".join(node.place for node in nodes)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1), slice(2, None)])
def test_the_same_as_from_the_file(
    nodes: list[RealNode], made: World, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: slice
) -> None:
    before = [node.ask("SELECT * FROM s3_files ORDER BY id") for node in nodes]
    is_right(audited(here, tmp_path, monkeypatch, url_of(nodes[order])), made)
    assert [node.ask("SELECT * FROM s3_files ORDER BY id") for node in nodes] == before
    assert b'"executions":0' in nodes[0].call("GET", "/debug/vars").replace(b" ", b"")


@pytest.mark.parametrize("victim", [0, 1], ids=["leader", "follower"])
@pytest.mark.parametrize("moment", [7, 14])
def test_a_node_killed_in_the_middle(
    nodes: list[RealNode],
    made: World,
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    posts: dict[int, Callable[[], object]],
    victim: int,
    moment: int,
) -> None:
    """The one that is being asked."""
    posts[moment] = nodes[victim].kill
    order = sorted(nodes, key=lambda node: node is not nodes[victim])
    is_right(audited(here, tmp_path, monkeypatch, url_of(order)), made)
    assert posts == {}
    assert nodes[victim].process.returncode == -9


def test_without_a_majority_nothing_is_confirmed(
    nodes: list[RealNode], here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    posts: dict[int, Callable[[], object]],
) -> None:  # fmt: skip
    def two() -> None:
        nodes[0].kill()
        nodes[1].kill()

    posts[9] = two
    monkeypatch.setattr("auditor.rows.rqlite.source.PACE", Pace(patience=3))
    scanned = audited(here, tmp_path, monkeypatch, url_of(nodes[::-1]))
    assert scanned.code == 3
    assert not scanned.summary["complete"]
    assert not {rule for rule, *_ in scanned.said()} & {"REF001", "REF002", "REF003"}


def test_a_leader_that_is_gone_for_a_while_is_waited_for(nodes: list[RealNode], made: World) -> None:
    with RqliteRows(parse_address(url_of(nodes[1:])), TABLE, Silent()) as rows:
        nodes[0].kill()
        known = [row["key"] for row in made.rows()][:5]
        assert set(rows.lookup(known)["key"].to_pylist()) == set(known)


HOSTILE = [*HARD, "x'61'", "X'6161'", " x'61' ", "a\x00bc", "\r\n", "\u2028", "1", "1e5"]


@pytest.mark.parametrize("schema", [SCHEMA, LOOSE, NO_CASE, NO_ROWID])
@pytest.mark.parametrize("page_rows", [2, 1000])
def test_what_comes_is_what_the_file_holds(binary: str, tmp_path: Path, schema: str, page_rows: int) -> None:
    path = make_db(tmp_path / "rows.db", plain(HOSTILE), schema)
    if schema == LOOSE:
        _add_oddities(path)
    live = SqliteRows(path, TABLE)
    with real_node(binary, tmp_path) as node:
        node.load(path)
        with RqliteRows(parse_address(f"rqlite://{node.place}"), TABLE, Silent(), page_rows=page_rows) as rows:
            order = [("key", "ascending"), ("uid", "ascending")]
            assert pages(rows).sort_by(order).equals(pages(live).sort_by(order))
            assert rows.lookup(HOSTILE)["key"].to_pylist() == live.lookup(HOSTILE)["key"].to_pylist()
            assert (rows.count(), rows.unreadable_keys) == (live.count(), live.unreadable_keys)
            for sql, parameters in SELECTS:
                assert repr(rows.select(sql, parameters)) == repr(live.select(sql, parameters))
            for key in HOSTILE:
                ask = "SELECT uid FROM s3_files WHERE key = :key"
                assert rows.select(ask, {"key": key}) == live.select(ask, {"key": key})


def _add_oddities(path: Path) -> None:
    cases = [("created_at", TIMES), ("file_size", SIZES), ("uid", TEXTS), ("content_type", TEXTS)]
    with closing(sqlite3.connect(path)) as connection, connection:
        for column, values in cases:
            for number, (value, _) in enumerate(values):
                connection.execute(f"INSERT INTO s3_files (key, {column}) VALUES (?, ?)", (f"{column}{number}", value))
        insert(connection, plain([b"blob", b"a", b"\xff", None, 7, 1.5], start=900))
        connection.execute("INSERT INTO s3_files (key) VALUES (CAST(x'61ff62' AS TEXT))")
        connection.execute("INSERT INTO s3_files (key, uid) VALUES ('bad uid', CAST(x'61ff62' AS TEXT))")


@pytest.fixture
def guarded(binary: str, made: World, here: Path, tmp_path: Path) -> Iterator[tuple[RealNode, Path]]:
    """A node with TLS and two users, and the certificate of the authority behind it."""
    ca, cert, key = make_certificates(tmp_path / "tls")
    users = [
        {"username": "admin", "password": "a", "perms": ["all"]},
        {"username": "auditor", "password": "p@ss:/word", "perms": ["query"]},
        {"username": "writer", "password": "w", "perms": ["execute"]},
    ]
    (tmp_path / "users.json").write_text(json.dumps(users))
    options = ["-auth", str(tmp_path / "users.json"), "-http-cert", str(cert), "-http-key", str(key)]
    with real_node(binary, tmp_path, options=options, scheme="https", login="admin:a", ca_file=str(ca)) as node:
        node.load(here / "rows.db")
        yield node, ca


def test_tls_and_a_user_who_may_only_query(
    guarded: tuple[RealNode, Path], made: World, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, ca = guarded
    url = f"rqlites://auditor:p%40ss%3A%2Fword@{node.place}?cacert={ca}"
    scanned = audited(here, tmp_path, monkeypatch, url)
    is_right(scanned, made)
    assert scanned.summary["rows"]["source"] == f"rqlites://{node.place}"
    assert not any(b"ss:/word" in path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())


def test_who_may_not(guarded: tuple[RealNode, Path], tmp_path: Path) -> None:
    node, ca = guarded
    other, *_ = make_certificates(tmp_path / "other")
    for url, says in (
        (f"rqlites://{node.place}?cacert={ca}", "refused the credentials of --db (HTTP 401)"),
        (f"rqlites://auditor:w@{node.place}?cacert={ca}", "refused the credentials of --db (HTTP 401)"),
        (f"rqlites://writer:w@{node.place}?cacert={ca}", "needs the permission `query`"),
        (f"rqlites://auditor:p@{node.place}", "has a certificate that does not hold"),
        (f"rqlites://auditor:p@{node.place}?cacert={other}", "has a certificate that does not hold"),
        (f"rqlites://auditor:p@localhost:{node.port}?cacert={ca}", "has a certificate that does not hold"),
        (f"rqlite://auditor:p@{node.place}", "whether it wants TLS"),
    ):
        with pytest.raises(CannotStart) as caught:
            RqliteRows(parse_address(url), TABLE, Silent())
        assert says in str(caught.value), url


def test_a_plain_node_asked_with_tls(binary: str, tmp_path: Path) -> None:
    with real_node(binary, tmp_path) as node, pytest.raises(CannotStart, match="does not speak TLS"):
        RqliteRows(parse_address(f"rqlites://{node.place}"), TABLE, Silent(), pace=Pace(opening=0.2))


def test_the_server_itself_refuses_to_write(binary: str, tmp_path: Path) -> None:
    """The second guard: what the tool sends cannot write, even if it were no SELECT."""
    with real_node(binary, tmp_path) as node:
        node.load(make_db(tmp_path / "rows.db", plain(["a"])))
        with RqliteRows(parse_address(f"rqlite://{node.place}"), TABLE, Silent()) as rows:
            with pytest.raises(RowsFailed):
                rows.select("SELECT 1) ; DELETE FROM s3_files; --")
            for sql in ("DELETE FROM s3_files", "PRAGMA user_version = 7"):
                assert "error" in node.ask(sql, "weak") or not node.ask(sql, "weak").get("values")
            assert rows.count() == 1
