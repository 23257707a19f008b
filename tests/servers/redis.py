"""Real redis servers and sentinels as processes of a test: a private folder, 127.0.0.1, free ports, no service."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.servers.real import free_port, wait_for

SERVER = shutil.which("redis-server")


class RedisServer:
    """One process; `settings` are lines of redis.conf."""

    def __init__(self, settings: Mapping[str, object] | None = None, *lines: str, sentinel: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="auditor-redis-"))
        self.port = free_port()
        own = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder}
        if not sentinel:
            own |= {"save": '""', "appendonly": "no"}
        written = [f"{name} {value}" for name, value in {**own, **(settings or {})}.items()]
        (self.folder / "redis.conf").write_text("\n".join([*written, *lines]) + "\n", encoding="utf-8")
        self._command = [SERVER or "", str(self.folder / "redis.conf"), *(["--sentinel"] if sentinel else [])]
        self.start()

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet, cwd=self.folder)
        wait_for(self.port, self._process)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, **options: Any) -> redis.Redis:
        """One that may write, for the test itself."""
        return redis.Redis(port=self.port, **options)


@contextlib.contextmanager
def redis_server(settings: Mapping[str, object] | None = None, *lines: str) -> Iterator[RedisServer]:
    """A running server, or a skipped test where its binary is not installed."""
    if SERVER is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    server = RedisServer(settings, *lines)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def watched(master: RedisServer, name: str, *lines: str) -> Iterator[RedisServer]:
    """A sentinel that watches a master, and that alone decides on a fail-over, within about a second."""
    sentinel = RedisServer(
        {},
        f"sentinel monitor {name} 127.0.0.1 {master.port} 1",
        f"sentinel down-after-milliseconds {name} 400",
        f"sentinel failover-timeout {name} 2000",
        *lines,
        sentinel=True,
    )
    try:
        yield sentinel
    finally:
        sentinel.close()
