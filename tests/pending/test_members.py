"""What members say, and what the list says of keys."""

from __future__ import annotations

import json
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import auditor.pending.members
from auditor.pending import PendingList
from auditor.pending.members import Members, TooMany


def member(key: str, bucket: str = "b", **more: object) -> bytes:
    return json.dumps({"bucket": bucket, "key": key, **more}).encode()


def collect(*given: tuple[bytes, float], since: float = -math.inf) -> PendingList:
    members = Members("b", since)
    for name, score in given:
        members.add(name, score)
    return members.finish()


def test_the_earliest_of_several_members_counts_in_any_order() -> None:
    scores = [30.0, 10.5, 20.0]
    named = [(member("k", hint=str(score)), score) for score in scores]
    for order in (named, named[::-1], [*named, *named]):
        found = collect(*order)
        assert (found.keys, found.times) == (["k"], [10_500_000])


def test_a_member_that_is_scanned_twice_is_counted_once() -> None:
    twice = [(member("k", "other"), 1.0), (b"no json", 1.0), (member("k"), 1.0)] * 2
    found = collect(*twice)
    assert (found.other_buckets, found.unreadable, len(found.keys)) == (1, 1, 1)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"null",
        b"[]",
        b'"key"',
        b'{"bucket": "b"}',
        b'{"bucket": "b", "key": 1}',
        b'{"bucket": ["b"], "key": "k"}',
        b'{"bucket": "b", "key": "\\ud800"}',
        b"\xff",
        b"[" * 100_000,
        b'{"bucket": "b", "key": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(11),
)
def test_what_is_no_entry_is_counted(hostile: bytes) -> None:
    found = collect((hostile, 1.0), (member("k"), 2.0))
    assert (found.keys, found.unreadable, found.present) == (["k"], 1, True)


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_member_ends_the_reading(hostile: bytes) -> None:
    assert collect((hostile, 1.0)).unreadable == 1


def test_scores_that_are_no_time() -> None:
    found = collect((member("a"), math.inf), (member("b"), -math.inf), (member("c"), 1e300), (member("d"), math.nan))
    assert (found.keys, found.unreadable) == (["a", "b", "c"], 1)
    assert found.pending_at(pa.array(["a", "b", "c"])).to_pylist()[1].year == 1970


def test_what_was_due_long_before_an_old_backup_does_not_count() -> None:
    found = collect((member("a"), 99.0), (member("b"), 100.0), (member("c"), 101.0), since=100)
    assert (found.keys, found.outdated) == (["b", "c"], 1)


keys = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=30)


@given(keys, keys)
def test_every_key_is_found_wherever_it_sorts(listed: list[str], asked: list[str]) -> None:
    """In any order, since candidates come in no order."""
    found = collect(*((member(key), 5.0) for key in listed))
    column = pa.array([*asked, *listed[:3]], pa.string())
    assert found.pending_at(column).is_valid().to_pylist() == [key in listed for key in column.to_pylist()]


def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditor.pending.members, "MOST_MEMBERS", 10)
    with pytest.raises(TooMany):
        collect(*((b"%d" % number, 1.0) for number in range(11)))
