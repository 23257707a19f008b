"""Posting to servers that are down, slow, cut or hostile: a reason comes back, the secret never."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.telling import sending
from auditor.telling.address import parse_address
from tests.servers.certificates import make_certificates
from tests.servers.receiver import CUT, DRIP, HANG, SECRET, Receiver, Reply

BODY = b'{"text": "hello"}'


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def posted(url: str) -> tuple[str | None, list[float]]:
    pauses: list[float] = []
    return sending.post(parse_address(url, "--x"), BODY, "application/json", pauses.append), pauses


def test_what_is_sent_arrives_as_it_is(server: Receiver) -> None:
    assert posted(server.url) == (None, [])
    [got] = server.got
    assert (got.path, got.body) == (f"/services/{SECRET}", BODY)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("auditor/")


def test_a_login_in_the_url_is_sent_as_one(server: Receiver) -> None:
    assert posted(server.url.replace("http://", "http://me:p%40ss@")) == (None, [])
    assert server.got[0].headers["authorization"] == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize(
    ("answers", "why", "pauses"),
    [
        ([Reply(500)], None, [0.5]),
        ([Reply(500), Reply(503)], None, [0.5, 1.5]),
        ([Reply(500), Reply(502), Reply(504)], "it answered 504 Gateway Timeout", [0.5, 1.5]),
        ([CUT], None, [0.5]),
        ([CUT, CUT, CUT], "the connection broke off", [0.5, 1.5]),
        ([Reply(429, {"Retry-After": "2"})], None, [2.0]),
        ([Reply(429, {"Retry-After": "86400"})], None, [5.0]),
        ([Reply(503, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"})], None, [0.5]),
        ([Reply(404)], "it answered 404 Not Found", []),
        ([Reply(799)], "it answered 799", [0.5, 1.5]),
    ],
)
def test_what_may_pass_is_sent_again(
    server: Receiver, answers: list[Reply], why: str | None, pauses: list[float]
) -> None:
    server.answers = answers * 3 if why == "it answered 799" else answers
    assert posted(server.url) == (why, pauses)
    assert len(server.got) == len(pauses) + 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Receiver, status: int) -> None:
    with Receiver() as elsewhere:
        server.answers = [Reply(status, {"Location": elsewhere.url})]
        assert posted(server.url) == (f"it answered {status}, a redirect, which is not followed", [])
        assert (len(server.got), elsewhere.got) == (1, [])


@pytest.mark.parametrize("answer", [HANG, DRIP])
def test_a_server_that_does_not_come_to_an_end(
    server: Receiver, answer: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.4)
    server.answers = [answer] * 3
    began = time.monotonic()
    assert posted(server.url) == ("it did not answer within 0.4 s", [])
    assert time.monotonic() - began < 3
    assert len(server.got) == 1, "what may have arrived is not sent twice"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{SECRET}"
        assert posted(url) == ("it cannot be connected to", [0.5, 1.5])


def test_a_name_that_does_not_exist() -> None:
    assert posted(f"http://nobody.invalid/{SECRET}")[0] == "its name cannot be resolved"


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    _, certificate, key = make_certificates(tmp_path / "tls")
    with Receiver((certificate, key)) as server:
        why, pauses = posted(server.url)
        assert (server.got, pauses) == ([], [])
    assert why == "its certificate is not trusted (unable to get local issuer certificate)"


def test_one_that_the_system_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, certificate, key = make_certificates(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Receiver((certificate, key)) as server:
        assert posted(server.url) == (None, [])


def test_https_to_a_server_without_it(server: Receiver) -> None:
    why, pauses = posted(server.url.replace("http://", "https://"))
    assert (why, pauses) == ("it does not speak TLS as it should", [])


def test_a_proxy_of_the_environment_is_used(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.place)
    monkeypatch.setenv("no_proxy", "")
    assert posted(f"http://hooks.invalid/{SECRET}") == (None, [])
    assert server.got[0].path == f"http://hooks.invalid/{SECRET}"


@pytest.mark.parametrize("answers", [[], [Reply(500)] * 3, [CUT] * 3, [Reply(302, {"Location": "/x"})]])
def test_the_secret_is_in_no_log_and_no_reason(
    server: Receiver, answers: list[Reply], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = answers
    why, _ = posted(server.url)
    assert server.got
    assert "SECRET" not in f"{why} {caplog.text}"


def test_the_secret_is_in_no_representation() -> None:
    address = parse_address(f"https://me:SECRET@host:8443/SECRET?SECRET#SECRET", "--x")  # noqa: F541
    assert f"{address} {address!r} {address.below('start')!r}".count("SECRET") == 0
    assert str(address) == "https://host:8443"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SECRET",
        "ftp://host/SECRET",
        "file:///SECRET",
        "https://",
        "https:///SECRET",
        "http://[SECRET",
        "http://host:SECRET/",
        "http://host:99999/SECRET",
        "http://host/SECRET\r\nX: y",
        "http://höst/SECRET",
        "http://host/SEC RET",
    ],
)
def test_what_is_no_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(CannotStart, match="what --x names is no URL of a web server") as caught:
        parse_address(text, "--x")
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid/start"),
        ("https://hc-ping.com/uuid/", "https://hc-ping.com/uuid/start"),
        ("https://h/key/slug?create=1", "https://h/key/slug/start?create=1"),
    ],
)
def test_the_start_of_a_ping_is_a_segment_of_its_path(url: str, start: str) -> None:
    assert parse_address(url, "--ping-url").below("start").url == start
