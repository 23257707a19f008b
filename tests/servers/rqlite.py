"""Real rqlite nodes as processes of a test: `rqlited` from PATH or $RQLITED."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.servers.real import free_port

_QUICK = ["-raft-timeout", "500ms", "-raft-election-timeout", "500ms", "-raft-leader-lease-timeout", "250ms"]
_STARTS = 3
_START_SECONDS = 30.0


def rqlited_binary() -> str | None:
    """Where the binary is: $RQLITED, or PATH. `.ci/run` says how it is built."""
    return os.environ.get("RQLITED") or shutil.which("rqlited")


@dataclass
class RealNode:
    """One process; `options` are added to its command line."""

    binary: str
    folder: Path
    number: int
    join: str | None = None
    options: Sequence[str] = ()
    scheme: str = "http"
    login: str | None = None
    ca_file: str | None = None
    port: int = field(default_factory=free_port)
    raft_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        addresses = ["-http-addr", self.place, "-raft-addr", f"127.0.0.1:{self.raft_port}"]
        joining = ["-join", self.join] if self.join else []
        command = [self.binary, "-node-id", str(self.number), *addresses, *joining, *_QUICK, "-fk", *self.options]
        with (self.folder / f"node{self.number}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(self.folder / f"node{self.number}")], stdout=log, stderr=subprocess.STDOUT
            )
        self._http = urllib3.PoolManager(ca_certs=self.ca_file)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
        """The body of the answer; raises RuntimeError for any status but 200."""
        headers = {"content-type": kind, **(urllib3.make_headers(basic_auth=self.login) if self.login else {})}
        answer = self._http.request(method, f"{self.scheme}://{self.place}{path}", body=body, headers=headers)
        if answer.status != 200:
            raise RuntimeError(f"{path}: HTTP {answer.status} {answer.data.decode()}")
        return answer.data

    def ask(self, sql: str, level: str = "none") -> Any:
        return json.loads(self.call("POST", f"/db/query?level={level}", json.dumps([sql]).encode()))["results"][0]

    def wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.call("GET", "/readyz")
                return
            except (RuntimeError, urllib3.exceptions.HTTPError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def is_leader(self) -> bool:
        return bool(json.loads(self.call("GET", "/status"))["store"]["raft"]["state"] == "Leader")

    def load(self, database: Path) -> None:
        self.call("POST", "/db/load", database.read_bytes(), "application/octet-stream")

    def kill(self) -> None:
        """SIGKILL, by the process id of the node that was started here."""
        self.process.kill()
        self.process.wait()

    def holds(self, rows: int, table: str = "s3_files") -> bool:
        return bool(self.ask(f"SELECT count(*) FROM {table}").get("values") == [[rows]])


@contextmanager
def real_node(binary: str, folder: Path, **more: Any) -> Iterator[RealNode]:
    node = _ready(binary, folder, 1, **more)
    try:
        yield node
    finally:
        node.kill()


def _ready(binary: str, folder: Path, number: int, *join: str | None, **more: Any) -> RealNode:
    """A node that answers. Another program may take its port before it does: then it is started anew elsewhere."""
    for attempt in range(1, _STARTS + 1):
        place = folder / f"start{attempt}"
        place.mkdir(exist_ok=True)
        node = RealNode(binary, place, number, *join, **more)
        try:
            node.wait()
        except (RuntimeError, urllib3.exceptions.HTTPError):
            node.kill()
            if attempt == _STARTS:
                raise
        else:
            return node
    raise AssertionError("the last start raises")


@contextmanager
def real_cluster(binary: str, folder: Path, database: Path, rows: int) -> Iterator[list[RealNode]]:
    """Three nodes that have all loaded the database, the leader first."""
    nodes: list[RealNode] = []
    try:
        for number in (1, 2, 3):
            join = f"127.0.0.1:{nodes[0].raft_port}" if nodes else None
            nodes.append(_ready(binary, folder, number, join))
        nodes[0].load(database)
        until = time.monotonic() + _START_SECONDS
        while not all(node.holds(rows) for node in nodes):
            if time.monotonic() > until:
                raise RuntimeError("a node did not take over the database")
            time.sleep(0.05)
        yield sorted(nodes, key=lambda node: not node.is_leader())
    finally:
        for node in nodes:
            node.kill()
