"""A small rqlite node for tests: POST /db/query over a real SQLite file, faults on demand, every request written down.

    with StubRqlite(path) as node:
        node.fail_after(2, cut_off)
        RqliteRows(parse_address(node.url), ...)
    assert {(request.method, request.path) for request in node.requests} == {("POST", "/db/query")}

It speaks as rqlite 8.36 does: each statement on a read-only connection, one result for each, BLOBs in base64, text that
is not UTF-8 with U+FFFD in it. A follower has a file of its own and sends what must be fresh to `leader`'s file.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    statements: Sequence[Any]


@dataclass(frozen=True)
class Answer:
    """What goes back.

    `cut` sends only so many bytes of the body and hangs up, `reset` hangs up without a word, and `drip` is a pause in
    seconds after each byte.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    reset: bool = False
    drip: float = 0.0


Fault = Callable[[Answer], Answer]
Hook = Callable[[Request, Answer], Answer]


class StubRqlite:
    """The node. `path`, `leader`, `stale`, `hooks` and `login` may be changed while it runs."""

    def __init__(self, path: Path, leader: Path | None = None, login: str | None = None) -> None:
        self.path, self.leader, self.login = path, leader or path, login
        self.stale = False  # whether it owns up to being behind
        self.requests: list[Request] = []
        self.hooks: list[Hook] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"rqlite://{self.place}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """As if the process were killed: open connections end, new ones are refused."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()

    def fail_after(self, answers: int, fault: Fault, times: int | None = None) -> None:
        """Lets so many requests from now on pass, then bends the answers of all that follow, or of the next `times`."""
        count = iter(range(1 << 62))
        last = answers + times if times is not None else 1 << 62
        self.hooks.append(lambda _, answer: fault(answer) if answers <= next(count) < last else answer)

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self._ordinary(request)
        for hook in list(self.hooks):
            answer = hook(request, answer)
        return answer

    def _ordinary(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/db/query"):
            return Answer(501)
        if self.login and request.headers.get("authorization") != basic(self.login):
            return Answer(401)
        own_copy = request.query.get("level") == "none"
        if own_copy and self.stale:
            return said({"results": [], "error": "stale read"})
        with closing(sqlite3.connect(f"file:{self.path if own_copy else self.leader}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda value: value.decode(errors="replace")
            connection.execute("BEGIN")
            return said({"results": [_result(connection, sql) for sql in request.statements]})


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def said(answer: object) -> Answer:
    return Answer(
        200, {"content-type": "application/json; charset=utf-8"}, json.dumps(answer, allow_nan=False).encode()
    )


def _result(connection: sqlite3.Connection, sql: str) -> dict[str, Any]:
    try:
        cursor = connection.execute(sql)
        values = [[_plain(value) for value in row] for row in cursor]
    except (sqlite3.Error, sqlite3.Warning) as error:
        return {"error": str(error)}
    columns = [column[0] for column in cursor.description]
    return {"columns": columns, "types": [""] * len(columns)} | ({"values": values} if values else {})


def _plain(value: Any) -> Any:
    """As Go's JSON has it: no BLOB, no infinity, no 5.0."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def hang_up(self) -> None:
        for connection in self._open:
            with closing(connection):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it has ended by itself


def _write(out: BufferedIOBase, body: bytes, drip: float) -> None:
    if not drip:
        out.write(body)
        return
    with contextlib.suppress(OSError):  # nobody waits for the end of it
        for position in range(len(body)):
            out.write(body[position : position + 1])
            time.sleep(drip)


def _handler(stub: StubRqlite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            answer = stub.answer(Request(self.command, parts.path, query, headers, json.loads(body or b"[]")))
            self._send(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815 -- names of the library

        def _send(self, answer: Answer) -> None:
            if not answer.reset:
                self.send_response(answer.status)
                for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                _write(self.wfile, answer.body[: answer.cut], answer.drip)
            if answer.reset or answer.cut is not None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    return Handler
