"""A small S3 server for tests: one bucket from a dictionary, faults on demand, every request written down.

    with StubS3({"a": b"1", "b": Stored(b"2", last_modified=...)}) as server:
        server.fail_after(1, faults.slow_down)
        client = boto3.client("s3", endpoint_url=server.url, ...)
        ...
    assert {request.operation for request in server.requests} <= {"ListObjectsV2", "HeadObject", "GetObject"}

It knows ListObjectsV2, HeadBucket, HeadObject, GetObject (with ranges), ListMultipartUploads (of which it has none) and
GetBucketVersioning (never set), and answers anything else with 501. It checks no signature.
"""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import listing_xml

_NEVER_VERSIONED = b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Stored:
    """An object: its bytes and what a listing says about it."""

    body: bytes
    last_modified: datetime = LONG_AGO
    storage_class: str = "STANDARD"

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True)
class Request:
    """A request as it came in; `key` is decoded, and None for a request to the bucket."""

    method: str
    target: str  # as it was sent
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    key: str | None

    @property
    def operation(self) -> str:
        if self.key is None and self.method == "GET" and self.query.get("list-type") == "2":
            return "ListObjectsV2"
        if self.key is None and self.method == "GET" and "uploads" in self.query:
            return "ListMultipartUploads"
        if self.key is None and self.method == "GET" and "versioning" in self.query:
            return "GetBucketVersioning"
        subject = "Bucket" if self.key is None else "Object"
        return {"GET": "Get", "HEAD": "Head"}.get(self.method, self.method) + subject


@dataclass(frozen=True)
class Answer:
    """What goes back. `cut` sends only so many bytes of the body and hangs up; `reset` hangs up without a word."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    reset: bool = False


Fault = Callable[[Answer], Answer]
Hook = Callable[[Request, Answer], Answer]


class StubS3:
    """The server. `objects`, `hooks`, `page_size`, `style` and `now` may be changed while it runs."""

    def __init__(
        self, objects: Mapping[str, bytes | Stored] = {}, *, bucket: str = "bucket", page_size: int = 1000
    ) -> None:
        self.bucket = bucket
        self.requests: list[Request] = []
        self.hooks: list[Hook] = []  # each gets the request and the answer so far, and returns the answer to send
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.reset(objects, page_size=page_size)
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"stub": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reset(self, objects: Mapping[str, bytes | Stored] = {}, *, page_size: int = 1000) -> None:
        """Other objects, no faults, and a clean sheet."""
        self.objects = {key: item if isinstance(item, Stored) else Stored(item) for key, item in objects.items()}
        self.page_size = page_size
        self.style = listing_xml.Style()
        self.now = lambda: datetime.now(UTC)
        self.requests.clear()
        self.hooks.clear()

    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    def fail_after(self, pages: int, fault: Fault, times: int | None = None) -> None:
        """After so many good pages of listings from now on, answer with `fault`: for good, or only so many times."""
        self.when(lambda request: request.operation == "ListObjectsV2", fault, skip=pages, times=times)

    def when(
        self, matches: Callable[[Request], bool], fault: Fault, *, skip: int = 0, times: int | None = None
    ) -> None:
        """Answer the matching requests with `fault`, from the one after the first `skip`, for good or `times` times."""
        seen = 0

        def hook(request: Request, answer: Answer) -> Answer:
            nonlocal seen
            if not matches(request):
                return answer
            seen += 1
            return fault(answer) if seen > skip and (times is None or seen <= skip + times) else answer

        self.hooks.append(hook)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            answer = self.ordinary(request)
            for hook in self.hooks:
                answer = hook(request, answer)
        return answer

    def ordinary(self, request: Request) -> Answer:
        if request.path.split("/")[1] != self.bucket:
            return error(404, "NoSuchBucket")
        if request.operation == "ListObjectsV2":
            return Answer(body=listing_xml.page(self.objects, self.bucket, request.query, self.page_size, self.style))
        if request.operation == "ListMultipartUploads":
            return Answer(body=_NO_UPLOADS)
        if request.operation == "HeadBucket":
            return Answer()
        if request.operation == "GetBucketVersioning":
            return Answer(body=_NEVER_VERSIONED)
        if request.operation in ("HeadObject", "GetObject"):
            return self._object(request)
        return error(501, "NotImplemented")

    def _object(self, request: Request) -> Answer:
        stored = self.objects.get(request.key or "")
        if stored is None:
            return error(404, "NoSuchKey")
        headers = {"Last-Modified": format_datetime(stored.last_modified, usegmt=True), "ETag": stored.etag}
        if stored.storage_class != "STANDARD":
            headers["x-amz-storage-class"] = stored.storage_class
        whole = Answer(headers=headers, body=stored.body)
        return _ranged(whole, request.headers["range"]) if "range" in request.headers else whole


_NO_UPLOADS = b"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"


def error(status: int, code: str, message: str = "no") -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, {"Content-Type": "application/xml"}, body.encode())


def _ranged(whole: Answer, span: str) -> Answer:
    first, _, last = span.removeprefix("bytes=").partition("-")
    size, start = len(whole.body), int(first)
    if start >= size:
        return error(416, "InvalidRange")
    end = min(int(last), size - 1) if last else size - 1
    headers = {**whole.headers, "Content-Range": f"bytes {start}-{end}/{size}"}
    return replace(whole, status=206, headers=headers, body=whole.body[start : end + 1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news; anything else shows in the test that made the request."""


class _Handler(BaseHTTPRequestHandler):
    stub: StubS3
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        _, _, key = parts.path.removeprefix("/").partition("/")
        request = Request(
            method=self.command,
            target=self.path,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True, errors="strict")),
            headers={name.lower(): value for name, value in self.headers.items()},
            key=unquote(key, errors="strict") or None,
        )
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(self.stub.answer(request))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            self._hang_up()
            return
        headers = {"Date": format_datetime(self.stub.now(), usegmt=True), "Content-Length": str(len(answer.body))}
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **answer.headers}.items() if value]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut])
        self.wfile.flush()
        if answer.cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
