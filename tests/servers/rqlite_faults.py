"""Ways for a node's answer to go wrong: each takes the ordinary answer and returns the one to send."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.servers.stub_rqlite import Answer, Fault, Hook, Request, said


def cut_off(answer: Answer) -> Answer:
    """The connection breaks in the middle of the body, against what Content-Length said."""
    return replace(answer, cut=len(answer.body) // 2)


def cut_off_silently(answer: Answer) -> Answer:
    """Only half of the body was there to send, so that Content-Length agrees with it."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def cut_after_a_result(answer: Answer) -> Answer:
    """Whole JSON, and results are missing from it."""
    return said({"results": json.loads(answer.body)["results"][:1]})


def first_result_lost(answer: Answer) -> Answer:
    return said({"results": json.loads(answer.body)["results"][1:]})


def dripping(answer: Answer) -> Answer:
    """There is always something to read, and never an end to it."""
    return replace(answer, drip=0.02)


def reset(answer: Answer) -> Answer:
    return replace(answer, reset=True)


def status(code: int) -> Fault:
    return lambda _: Answer(code, body=b"leader not found\n")


def redirect(place: str, code: int = 301) -> Fault:
    return lambda _: Answer(code, {"location": place})


def error_in_a_result(answer: Answer) -> Answer:
    """SQLite failed between two rows: what was read before does not come, but the form is that of a result."""
    results = json.loads(answer.body)["results"]
    return said({"results": [results[0] | {"error": "disk I/O error"}, *results[1:]]})


def error_beside_results(answer: Answer) -> Answer:
    return said({"results": json.loads(answer.body)["results"], "error": "leadership lost while committing log"})


def no_results(_: Answer) -> Answer:
    return said({"results": []})


def some_other_page(_: Answer) -> Answer:
    """What a captive portal says: 200, and well-formed."""
    return Answer(200, {"content-type": "text/html"}, b"<html><body>Please sign in</body></html>")


def some_other_json(_: Answer) -> Answer:
    return Answer(200, body=b'["ok"]')


def slow(seconds: float) -> Fault:
    def wait(answer: Answer) -> Answer:
        time.sleep(seconds)
        return answer

    return wait


def packed(answer: Answer) -> Answer:
    """As a proxy does that was told that gzip is understood."""
    return replace(answer, headers={**answer.headers, "content-encoding": "gzip"}, body=gzip.compress(answer.body))


def packed_badly(answer: Answer) -> Answer:
    body = bytearray(gzip.compress(answer.body))
    body[len(body) // 2] ^= 0xFF
    return replace(answer, headers={**answer.headers, "content-encoding": "gzip"}, body=bytes(body))


def _is_page(request: Request) -> bool:
    return any("group_concat" in sql for sql in request.statements)


def same_answer_again() -> Hook:
    """A cache or a mixed-up connection: every page is answered with the first one, word by word."""
    kept: list[Answer] = []

    def hook(request: Request, answer: Answer) -> Answer:
        if not _is_page(request):
            return answer
        kept.append(answer)
        return kept[0]

    return hook


def page_before() -> Hook:
    """Each page but the first holds the rows of the one before; all else is right, the mark too."""
    kept: list[list[Any]] = []

    def hook(request: Request, answer: Answer) -> Answer:
        if not _is_page(request):
            return answer
        results = json.loads(answer.body)["results"]
        kept.append(results[:-1])
        return said({"results": [*kept[max(0, len(kept) - 2)], results[-1]]})

    return hook


def of_the_lines(change: Callable[[list[str]], list[str]]) -> Fault:
    """The rows of a page, bent; everything around them stays right."""

    def fault(answer: Answer) -> Answer:
        results = json.loads(answer.body)["results"]
        for result in results[:-1]:
            row = (result.get("values") or [[]])[0]
            if len(row) == 2 and isinstance(row[1], str) and row[1].count(",") >= 5:
                row[1] = "\n".join(change(row[1].split("\n")))
        return said({"results": results})

    return fault


backwards = of_the_lines(lambda lines: lines[::-1])
one_short = of_the_lines(lambda lines: lines[:-1])
one_twice = of_the_lines(lambda lines: [*lines, lines[0]])
fields_lost = of_the_lines(lambda lines: [line.rpartition(",")[0] for line in lines])
half_a_digit = of_the_lines(lambda lines: [line[1:] for line in lines])
not_hex = of_the_lines(lambda lines: ["zz" + line[2:] for line in lines])
