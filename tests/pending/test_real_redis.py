"""A running redis: what is asked of it, what comes of what it says, and what happens when it goes away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from auditor.errors import CannotStart, RowsFailed
from auditor.pending import RedisPending, parse_address
from auditor.pending.connecting import Connection
from auditor.pending.server import COUNT
from auditor.progress import Silent
from tests.servers.redis import RedisServer, redis_server, watched

pytestmark = pytest.mark.server

SET = "files:purgatory"
PASSWORD = "p@ss/w%rd:?#"  # whatever a URL has to escape
QUOTED = "p%40ss%2Fw%25rd%3A%3F%23"
MINIMAL = f"user auditor on >{PASSWORD} ~{SET} resetchannels -@all +type +zscan +select"  # as docs/pending.md says


def member(number: int, bucket: str = "b", **more: object) -> str:
    return json.dumps({"bucket": bucket, "key": f"s3_files/k{number:06}", **more}, sort_keys=True)


def fill(server: RedisServer, count: int, database: int = 0, **options: object) -> None:
    with server.client(db=database, **options) as client:
        client.zadd(SET, {member(number): 1_700_000_000 + number for number in range(count)})


def source(url: str) -> RedisPending:
    return RedisPending(parse_address(url), SET, "b", Silent())


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(autouse=True)
def empty(server: RedisServer) -> None:
    with server.client() as client:
        client.flushall()


def commands(monitor: socket.socket) -> list[list[str]]:
    """What the server was told since MONITOR began, but for the mark that ends it."""
    text = b""
    while b'"ECHO" "the end"' not in text:
        text += monitor.recv(1 << 16)
    lines = [line.split('] "', 1)[1].rstrip('"').split('" "') for line in text.decode().splitlines() if '] "' in line]
    return lines[: lines.index(["ECHO", "the end"])]


@pytest.mark.parametrize("database", [0, 3])
def test_nothing_is_sent_but_type_and_zscan(server: RedisServer, database: int) -> None:
    fill(server, 2 * COUNT, database)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as monitor, server.client() as client:
        client.ping()
        monitor.sendall(b"MONITOR\r\n")
        assert monitor.recv(5) == b"+OK\r\n"
        found = source(f"redis://127.0.0.1:{server.port}/{database}").read()
        client.execute_command("ECHO", "the end")
        sent = commands(monitor)
    assert len(found.keys) == 2 * COUNT
    selected = [["SELECT", str(database)]] if database else []
    assert [words for words in sent if words[0] == "SELECT"] == 2 * selected
    rest = [words for words in sent if words[0] != "SELECT"]
    assert rest[0] == ["TYPE", SET]
    assert [words[:2] for words in rest[1:]] == [["ZSCAN", SET]] * (len(rest) - 1)
    assert len(rest) > 2


@pytest.mark.parametrize("database", [0, 2])
def test_a_user_that_may_do_nothing_else_can_read_the_list(database: int) -> None:
    with redis_server({}, MINIMAL) as server:
        fill(server, 300, database)
        found = source(f"redis://auditor:{QUOTED}@127.0.0.1:{server.port}/{database}").read()
        with pytest.raises(CannotStart) as refused:
            source(f"redis://auditor:wrong{QUOTED}@127.0.0.1:{server.port}")
    assert len(found.keys) == 300
    assert PASSWORD not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)


def test_a_password_without_a_user() -> None:
    with redis_server({"requirepass": PASSWORD.replace("#", "x")}) as server:
        fill(server, 3, password=PASSWORD.replace("#", "x"))
        url = f"redis://:{QUOTED.replace('%23', 'x')}@127.0.0.1:{server.port}"
        assert len(source(url).read().keys) == 3
        with pytest.raises(CannotStart, match=r"AuthenticationError|NOAUTH"):
            source(f"redis://127.0.0.1:{server.port}")


def test_one_key_in_several_members_and_other_things_in_the_set(server: RedisServer) -> None:
    with server.client() as client:
        client.zadd(SET, {member(1): 50.5, member(1, hint="h"): 20.25, member(2, "other"): 5, "no json": 1})
    found = source(f"redis://127.0.0.1:{server.port}").read()
    assert (found.keys, found.times) == (["s3_files/k000001"], [20_250_000])
    assert (found.present, found.other_buckets, found.unreadable) == (True, 1, 1)


def test_a_set_that_is_not_there_is_an_empty_list_and_says_so(server: RedisServer) -> None:
    found = source(f"redis://127.0.0.1:{server.port}").read()
    assert (found.keys, found.present) == ([], False)


def test_something_else_under_the_key(server: RedisServer) -> None:
    with server.client() as client:
        client.rpush(SET, member(1))
    with pytest.raises(CannotStart, match="no sorted set but a list"):
        source(f"redis://127.0.0.1:{server.port}")


def test_the_key_becomes_something_else(server: RedisServer) -> None:
    pending = source(f"redis://127.0.0.1:{server.port}")
    with server.client() as client:
        client.rpush(SET, member(1))
    with pytest.raises(RowsFailed, match="WRONGTYPE"):
        pending.read()


def test_a_database_that_there_is_not(server: RedisServer) -> None:
    with pytest.raises(CannotStart, match="could not be read"):
        source(f"redis://127.0.0.1:{server.port}/99")


def test_members_that_come_and_go_during_the_scan(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The set grows eightfold meanwhile, so redis hashes it anew: what was there throughout is there."""
    fill(server, 3 * COUNT)
    ask, asked = Connection.ask_page, []

    def and_then_it_changes(self: Connection, *words: str | bytes | int) -> tuple[bytes, list[bytes]]:
        page = ask(self, *words)
        if not asked:
            with server.client() as client:
                client.zadd(SET, {member(number): 1 for number in range(10 * COUNT, 30 * COUNT)})
                client.zrem(SET, *(member(number) for number in range(COUNT)))
        asked.append(words)
        return page

    monkeypatch.setattr(Connection, "ask_page", and_then_it_changes)
    found = source(f"redis://127.0.0.1:{server.port}").read()
    throughout = {f"s3_files/k{number:06}" for number in range(COUNT, 3 * COUNT)}
    assert throughout <= set(found.keys)
    assert len(found.keys) == len(set(found.keys))


def dies_once(server: RedisServer, monkeypatch: pytest.MonkeyPatch, then: object) -> list[bytes]:
    """After the first page of a scan `then` is called; the cursors that are asked for."""
    ask, cursors = Connection.ask_page, list[bytes]()

    def and_then_it_dies(self: Connection, *words: str | bytes | int) -> tuple[bytes, list[bytes]]:
        cursors.append(words[2])  # type: ignore[arg-type]
        page = ask(self, *words)
        if len(cursors) == 1:
            then()  # type: ignore[operator]
        return page

    monkeypatch.setattr(Connection, "ask_page", and_then_it_dies)
    return cursors


def test_a_scan_begins_again_when_the_server_has_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restarted redis has another seed: a cursor of the old process would leave members out."""
    with redis_server() as server:
        fill(server, 5 * COUNT)

        def restart() -> None:
            server.kill()
            server.start()
            fill(server, 5 * COUNT)

        cursors = dies_once(server, monkeypatch, restart)
        found = source(f"redis://127.0.0.1:{server.port}").read()
    assert len(found.keys) == 5 * COUNT
    assert [at for at, cursor in enumerate(cursors) if cursor == b"0"][:1] == [0]
    assert cursors.count(b"0") == 2


def test_a_redis_that_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.pending.server._PATIENCE", 0.6)
    with redis_server() as server:
        fill(server, 3 * COUNT)
        pending = source(f"redis://127.0.0.1:{server.port}")
        dies_once(server, monkeypatch, server.kill)
        with pytest.raises(RowsFailed, match=r"could not be read from redis://127\.0\.0\.1:\d+/0 \(\w+\)"):
            pending.read()


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.pending.server._AT_START", 0.1)
    with pytest.raises(CannotStart, match="ConnectionRefusedError"):
        source("redis://127.0.0.1:1/0")


def test_a_fail_over_in_mid_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentinel promotes the replica, and the scan begins again there, from its beginning."""
    with redis_server() as master, redis_server({"replicaof": f"127.0.0.1 {master.port}"}) as replica:
        fill(master, 5 * COUNT)
        with watched(master, "mymaster") as sentinel, sentinel.client() as asked, replica.client() as second:
            until = time.monotonic() + 30
            while (
                not asked.execute_command("SENTINEL", "REPLICAS", "mymaster") or second.zcard(SET) < 5 * COUNT
            ) and time.monotonic() < until:
                time.sleep(0.1)
            cursors = dies_once(master, monkeypatch, master.kill)
            pending = source(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/mymaster/0")
            found = pending.read()
            assert second.role()[0] == b"master"
    assert len(found.keys) == 5 * COUNT
    assert cursors.count(b"0") == 2
    assert pending.source == f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/mymaster/0"


def test_a_master_that_no_sentinel_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.pending.server._AT_START", 0.1)
    with redis_server() as master, watched(master, "mymaster") as sentinel:
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/othermaster"
        with pytest.raises(CannotStart, match="MasterNotFoundError"):
            source(url)
