"""The bounds for PAD SPACE against a model of it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.rows.server.padding import highest, lowest
from tests.examples import examples

TEXTS = st.text(st.sampled_from("\x00\x01\t\x1f !a\ud7ff\ue000\U00010000\U0010ffff"), max_size=6)


def padded(text: bytes, other: bytes) -> bytes:
    return text + b" " * max(0, len(other) - len(text))


def not_above(one: bytes, other: bytes) -> bool:
    """Whether `one` sorts before or with `other`, the shorter one going on with spaces."""
    return padded(one, other) <= padded(other, one)


@settings(max_examples=examples(500))
@given(TEXTS, TEXTS)
@example("a", "a\t")
@example("a  \t", "a")
@example("\x00", "")
def test_nothing_within_the_bytes_bounds_is_left_out(bound: str, key: str) -> None:
    low, high = lowest(bound.encode()), highest(bound.encode())
    if key.encode() >= bound.encode():
        assert low is None or not_above(low, key.encode())
    if key.encode() <= bound.encode():
        assert high is not None
        assert not_above(key.encode(), high)


def test_the_bounds_are_near() -> None:
    assert lowest(b"a/b/c") == "a/b/b\U0010ffff".encode()
    assert highest(b"a/b/c") == b"a/b/c"
    assert lowest(None) is highest(None) is lowest(b"") is lowest(b"\0") is None
    assert lowest("\ue000".encode()) == "\ud7ff\U0010ffff".encode()
