"""Files that the real programs made are sound, and what the programs refuse is a fault: redis-server, sqlite3, zip."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.protocols import Depth
from rules.archives import CourseExportRule
from rules.backups import DatabaseBackupRule, RedisBackupRule
from tests.rules.contents import bits, judge
from tests.servers.real import free_port, wait_for

pytestmark = pytest.mark.server

FILL = [
    ["SET", "number", "17"],
    ["SET", "text", "a value of some length " * 40],
    ["RPUSH", "list", *map(str, range(200))],
    ["SADD", "set", "a", "b", "c"],
    ["ZADD", "files:purgatory", "1.5", '{"bucket":"b","key":"k"}', "2", "x"],
    ["HSET", "hash", "field", "value"],
    ["XADD", "stream", "*", "field", "value"],
]


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (apt-get install {program})")
    return found


class Redis:
    """As much of the protocol as is needed here (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._socket.makefile("rb")

    def __call__(self, *words: str | bytes) -> object:
        parts = [word.encode() if isinstance(word, str) else word for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(one), one) for one in parts))
        return self._answer()

    def _answer(self) -> object:
        line = self._file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        return rest

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@contextmanager
def redis_server(folder: Path) -> Iterator[Redis]:
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder), "--logfile", "log"]
    with subprocess.Popen([needs("redis-server"), "--port", str(port), *quiet]) as process:
        try:
            wait_for(port, process)
            client = Redis(port)
            yield client
            client.close()
        finally:
            process.terminate()


def dumped(redis: Redis) -> dict[bytes, bytes]:
    keys = redis("KEYS", "*")
    assert isinstance(keys, list)
    found = {key: redis("DUMP", key) for key in sorted(keys)}
    return {key: dump for key, dump in found.items() if isinstance(dump, bytes)}


def backup(dumps: dict[bytes, bytes]) -> bytes:
    """As the service's job writes it."""
    pairs = ((struct.pack(">I", len(key)) + key, struct.pack(">I", len(dump)) + dump) for key, dump in dumps.items())
    return b"".join(key + dump for key, dump in pairs)


def test_what_redis_dumps_is_sound_and_what_it_refuses_is_not(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis:
        for command in FILL:
            redis(*command)
        dumps = dumped(redis)
        assert len(dumps) == len(FILL)
        for depth in Depth:
            assert judge(RedisBackupRule(), backup(dumps), depth).problems == []
        number = dumps[b"number"]
        changed = [one for _, one in bits(number, range(len(number)))] + [number[:-8] + bytes(8), number[:-1]]
        for dump in changed:
            refused = redis("RESTORE", "again", "0", dump, "REPLACE") != b"OK"
            assert refused
            assert judge(RedisBackupRule(), backup({b"again": dump})).problems
        assert redis("RESTORE", "again", "0", number, "REPLACE") == b"OK"


def test_backups_that_sqlite3_makes_are_sound(tmp_path: Path) -> None:
    program = needs("sqlite3")
    source, target = tmp_path / "live.db", tmp_path / "backup.bak"
    script = """
    PRAGMA journal_mode = wal;
    CREATE TABLE s3_files (id INTEGER PRIMARY KEY, uid TEXT UNIQUE NOT NULL, key TEXT NOT NULL, file_size INTEGER);
    CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000)
    INSERT INTO s3_files SELECT x, 'uid' || x, 'key' || x, x FROM n;
    """
    subprocess.run([program, str(source)], input=f"{script}\n.backup '{target}'\n", text=True, check=True)
    body = target.read_bytes()
    for depth in Depth:
        assert judge(DatabaseBackupRule(), body, depth).problems == []
    broken = body[: len(body) // 2] + b"\x5a" * 4096 + body[len(body) // 2 + 4096 :]
    target.write_bytes(broken)
    said = subprocess.run([program, str(target), "PRAGMA integrity_check"], capture_output=True, text=True, check=False)
    assert said.stdout.strip() != "ok"
    assert judge(DatabaseBackupRule(), broken).problems


@pytest.mark.parametrize("options", [["-9"], ["-0"], ["-fz"], ["-X", "-D"]])
def test_archives_that_zip_makes_are_sound(tmp_path: Path, options: list[str]) -> None:
    program = needs("zip")
    (tmp_path / "classes").mkdir()
    (tmp_path / "meta.txt").write_text("exporter version: 1.0.7")
    for name in ("Schöner_atmen", "Rest_2"):
        (tmp_path / "classes" / f"{name}.mp4").write_bytes(name.encode() * 900)
    command = [program, "-q", "-r", *options, "made.zip", "meta.txt", "classes"]
    subprocess.run(command, cwd=tmp_path, check=True)
    body = (tmp_path / "made.zip").read_bytes()
    for depth in Depth:
        assert judge(CourseExportRule(), body, depth).problems == []
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        at = made.getinfo("meta.txt").header_offset + 45
    damaged = body[:at] + bytes([body[at] ^ 8]) + body[at + 1 :]
    (tmp_path / "made.zip").write_bytes(damaged)
    tested = subprocess.run([program, "-q", "-T", "made.zip"], cwd=tmp_path, capture_output=True, check=False)
    assert (tested.returncode != 0) is bool(judge(CourseExportRule(), damaged).problems)
