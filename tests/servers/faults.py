"""Ways for an answer to go wrong: each takes the ordinary answer and returns the one to send."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.servers.stub_s3 import Answer, Fault, error


def slow_down(_: Answer) -> Answer:
    return error(503, "SlowDown")


def internal_error(_: Answer) -> Answer:
    return error(500, "InternalError")


def denied(_: Answer) -> Answer:
    return error(403, "AccessDenied")


def expired(_: Answer) -> Answer:
    return error(400, "ExpiredToken")


def reset(answer: Answer) -> Answer:
    return replace(answer, reset=True)


def error_in_200(_: Answer) -> Answer:
    """S3 begins to answer with 200 before it knows that it will fail."""
    return replace(error(500, "InternalError"), status=200)


def cut_off(answer: Answer) -> Answer:
    """The connection breaks in the middle of the body, against what Content-Length said."""
    return replace(answer, cut=len(answer.body) // 2)


def cut_off_silently(answer: Answer) -> Answer:
    """Only half of the body was there to send, so that Content-Length agrees with it."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def one_key_short(answer: Answer) -> Answer:
    """A page that is well-formed and lacks its last entry."""
    return replace(answer, body=re.sub(rb"<Contents>(?!.*<Contents>).*</Contents>", b"", answer.body))


def swapped(answer: Answer, old: bytes, new: bytes) -> Answer:
    return replace(answer, body=answer.body.replace(old, new))


def swap(old: bytes, new: bytes) -> Fault:
    return lambda answer: swapped(answer, old, new)


def empty_body(answer: Answer) -> Answer:
    return replace(answer, body=b"")


def some_other_page(answer: Answer) -> Answer:
    """What a captive portal says: 200, and well-formed."""
    return replace(answer, body=b"<html><body><p>Please sign in</p></body></html>")


def ended(answer: Answer) -> Answer:
    """There are more pages, and this one says that it is the last."""
    return swap(b"<IsTruncated>true", b"<IsTruncated>false")(no_token(answer))


def no_token(answer: Answer) -> Answer:
    """There are more pages, and nobody says where."""
    token = rb"<NextContinuationToken>[^<]*</NextContinuationToken>"
    return replace(answer, body=re.sub(token, b"", answer.body))


def two_swapped(answer: Answer) -> Answer:
    """The first two entries of a page change places."""
    first, second, *_ = re.findall(rb"<Contents>.*?</Contents>", answer.body)
    return swapped(answer, first + second, second + first)
