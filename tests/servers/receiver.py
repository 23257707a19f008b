"""A web server that somebody is told by: it keeps what it got, and answers as it is told to.

with Receiver() as server:
    server.answers = [faults...]  # one for each request; 200 when there are no more
    post(parse_address(server.url, "--x"), b"…", "text/plain")
assert server.got[0].body == b"…"
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Got:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """`how`: answer; `cut` the connection without a word; `hang` until the server ends; or `drip` a header for ever."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "answer"


CUT, HANG, DRIP = Reply(how="cut"), Reply(how="hang"), Reply(how="drip")
SECRET = "T0SECRET/B0SECRET/xyzzySECRET"


class Receiver:
    """`url` has the secret in its path."""

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        self.got: list[Got] = []
        self.answers: list[Reply] = []
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def place(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.place}/services/{SECRET}"

    def paths(self) -> list[str]:
        """What was asked for, without what is the same in all."""
        return [got.path.removeprefix(f"/services/{SECRET}") for got in self.got]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gives up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.got.append(Got(self.path, headers, body))
        reply = self.receiver.answers.pop(0) if self.receiver.answers else Reply()
        if reply.how == "answer":
            self.send_response(reply.status)
            for name, value in {"Content-Length": "2", **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")
        elif reply.how == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif reply.how == "hang":
            self.receiver.over.wait(30)
        else:
            self._drip()

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.receiver.over.wait(0.05):
            self.wfile.write(b"X-More: x\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
