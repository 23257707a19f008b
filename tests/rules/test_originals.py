"""ORG001 and JOB001."""

from __future__ import annotations

import hashlib
import io
import tracemalloc

import pytest

from auditor.errors import ObjectUnreadable
from auditor.protocols import Depth
from rules.originals import OriginalRule
from rules.word_lists import HEADER_BYTES, WordListRule
from tests.fuzz import words
from tests.rules.contents import bits, judge
from tests.world.bodies import png, redis_backup

RULE, WORDS = OriginalRule(), WordListRule()
BODY = png("original", 500, 20, 10)
DIGEST = hashlib.sha512(BODY).hexdigest()


@pytest.mark.parametrize("table", ["image_files", "content_files"])
@pytest.mark.parametrize("digest", [DIGEST, DIGEST.upper(), f" {DIGEST}\n"])
def test_the_checksum_of_either_row_is_enough(table: str, digest: str) -> None:
    assert judge(RULE, BODY, answers={table: [{"sha512": digest}]}).problems == []


def test_every_flipped_bit_and_every_cut_is_seen() -> None:
    answers = {"image_files": [{"sha512": DIGEST}]}
    changed = [flipped for _, flipped in bits(BODY, range(0, len(BODY), 7))] + [BODY[:at] for at in range(0, 500, 50)]
    assert all(judge(RULE, body, answers=answers).subjects == ["image_files"] for body in changed)


def test_what_was_there_and_what_was_expected_are_said() -> None:
    judged = judge(RULE, BODY, answers={"image_files": [{"sha512": DIGEST}], "content_files": [{"sha512": "\x1b[2J"}]})
    assert judged.text == (
        f"The file's SHA-512 begins with {DIGEST[:16]}; expected \\x1b[2J, as its row in content_files says."
    )


@pytest.mark.parametrize("answers", [{}, {"image_files": []}, {"image_files": [{"sha512": None}]}])
def test_without_a_checksum_nothing_is_read(answers: dict[str, object]) -> None:
    def refuse(body: bytes) -> io.BytesIO:
        stream = io.BytesIO(body)
        stream.close()
        return stream

    assert judge(RULE, BODY, answers=answers, opened=refuse).problems == []


def test_headers_read_nothing() -> None:
    assert RULE.plan(len(BODY), Depth.HEADERS) is None


@pytest.mark.parametrize("length", [0, 1, 499])
def test_a_body_that_ends_early_is_no_fault_of_the_file(length: int) -> None:
    with pytest.raises(ObjectUnreadable):
        judge(RULE, BODY[:length], size=len(BODY), answers={"image_files": [{"sha512": DIGEST}]})


def test_memory_does_not_grow_with_the_file() -> None:
    body = bytes(24 << 20)
    stream = io.BytesIO(body)
    tracemalloc.start()
    judge(RULE, b"", size=len(body), answers={"image_files": [{"sha512": DIGEST}]}, opened=lambda _: stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 << 20


@pytest.mark.parametrize(
    "body", [b"angry\ncalm\nhappy", b"angry\ncalm\n", b"calm", b"at peace\ncalm\ncalm", "zornig\närgerlich".encode()]
)
@pytest.mark.parametrize("depth", list(Depth))
def test_sorted_words_pass(body: bytes, depth: Depth) -> None:
    assert judge(WORDS, body, depth).problems == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The file is empty; expected one word in each line"),
        (b"\n", "Line 1 holds no word; expected one word"),
        (b"calm\nangry", "Line 2 is not in order; expected sorted lines"),
        (b"angry\n\ncalm", "Line 2 holds no word; expected one word"),
        (b"angry\ncalm\r\n", "Line 2 holds control characters; expected one word"),
        (b"angry\n\xffcalm", "At byte 6, the file is no UTF-8; expected text"),
        (redis_backup({b"a": b"b"}), "At byte 18, the file is no UTF-8; expected text"),
    ],
)
@pytest.mark.parametrize("depth", list(Depth))
def test_other_files_are_none(body: bytes, said: str, depth: Depth) -> None:
    judged = judge(WORDS, body, depth)
    assert judged.text.startswith(said) or b"\0" in body
    assert len(judged.problems) == 1


def test_a_list_is_judged_by_its_beginning() -> None:
    body = b"".join(b"%06d\n" % number for number in range(2_000))
    assert judge(WORDS, body, Depth.HEADERS).read == [(0, HEADER_BYTES)]
    assert judge(WORDS, body, Depth.HEADERS).problems == []
    assert judge(WORDS, b"x" * 9_000, Depth.HEADERS).text.startswith("The first line is longer than 4,096 bytes")
    assert judge(WORDS, body + b"000", Depth.FULL).text.startswith("Line 2,001 is not in order")


def test_any_bytes_are_judged() -> None:
    for body in words.SEEDS:
        words.one(body)
