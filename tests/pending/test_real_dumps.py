"""Dumps of a real redis in every encoding that it has, and what the tests' own writer makes of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pending.making import SET, decoded
from tests.servers.redis import RedisServer, redis_server
from tests.world import zsets

pytestmark = pytest.mark.server

ODD = [
    (b"", 0.0),
    (b"7", 1.0),
    (b"-1", -1.0),
    (b"127", 127.0),
    (b"128", -4096.0),
    (b"-40000", 8_000_000.0),
    (b"2147483648", 1.7e9),
    (b"9223372036854775807", -1.7e18),
    (b"007", 1_700_000_000.123456),
    (b"\x00\xff\n", 1e300),
    (b'{"bucket": "b", "key": "' + b"repeated " * 40 + b'"}', 5e-324),
    (b"x" * 70, float("inf")),
    (b"y" * 5_000, float("-inf")),
]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.mark.parametrize(
    ("encoding", "settings", "kind"),
    [
        ("listpack", {"zset-max-listpack-entries": 100, "zset-max-listpack-value": 10_000}, 17),
        ("skiplist", {"zset-max-listpack-entries": 0, "rdbcompression": "yes"}, 5),
        ("skiplist", {"zset-max-listpack-value": 1, "rdbcompression": "no"}, 5),
    ],
)
def test_what_redis_dumps_is_read(server: RedisServer, encoding: str, settings: dict[str, object], kind: int) -> None:
    with server.client() as client:
        client.flushall()
        for name, value in settings.items():
            client.config_set(name, value)
        client.zadd(SET, dict(ODD))
        assert client.object("ENCODING", SET) == encoding.encode()
        dump = client.dump(SET)
    assert dump[0] == kind
    assert sorted(decoded(dump)) == sorted(ODD)


@pytest.mark.parametrize("encoding", ["skiplist", "listpack", "ziplist", "old skiplist"])
def test_redis_reads_what_the_writer_of_the_tests_writes(server: RedisServer, encoding: str) -> None:
    """So that what is decoded of encodings that this redis does not write any more is the real thing."""
    finite = [(member, score) for member, score in ODD if abs(score) < 1e308]
    with server.client() as client:
        client.flushall()
        client.restore(SET, 0, zsets.dump(zsets.ENCODINGS[encoding](finite), version=9 if "list" in encoding else 10))
        assert sorted(client.zrange(SET, 0, -1, withscores=True)) == sorted(finite)
