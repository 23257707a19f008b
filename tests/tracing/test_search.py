"""The search finds the edges that looking at everything finds, by far fewer looks."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.tracing.search import ABSENT, Enough, Looked, Unreadable, most_looks, search

MOST = 300


class Backups:
    """States by number; `broken` cannot be read, and after `allowed` looks there are no more."""

    def __init__(self, states: Sequence[Hashable], broken: frozenset[int] = frozenset(), allowed: int = 10**6) -> None:
        self.states, self.broken, self.allowed = states, broken, allowed
        self.looks: list[int] = []

    def look(self, number: int) -> Hashable:
        if len(self.looks) >= self.allowed:
            raise Enough
        self.looks.append(number)
        if number in self.broken:
            raise Unreadable
        return self.states[number]

    def searched(self, hints: Sequence[int] = (), guess: Callable[[Hashable], int | None] = lambda _: None) -> Looked:
        return search(len(self.states), self.look, hints=hints, first_with=guess)

    def everything(self) -> list[tuple[int, int]]:
        return search(len(self.states), Backups(self.states, self.broken).look, every=True).edges


def one_life(count: int, first: int, last: int) -> list[Hashable]:
    return ["row" if first <= number <= last else ABSENT for number in range(count)]


@st.composite
def lives(draw: st.DrawFn) -> tuple[int, int, int]:
    """How many backups, and the first and the last that have the row."""
    count = draw(st.integers(1, MOST))
    first = draw(st.integers(0, count - 1))
    return count, first, draw(st.integers(first, count - 1))


@settings(max_examples=60, deadline=None)
@given(lives(), st.data())
def test_a_row_that_was_met_is_traced_to_the_same_edges_by_few_looks(
    life: tuple[int, int, int], data: st.DataObject
) -> None:
    count, first, last = life
    backups = Backups(one_life(count, first, last))
    created = data.draw(st.none() | st.just(first) | st.integers(-1, count + 1), "what its created_at makes one guess")
    hints = data.draw(st.lists(st.integers(first, last), min_size=1, max_size=1), "when the object was written")
    looked = backups.searched(hints, lambda _: created)
    assert looked.edges == backups.everything()
    assert len(backups.looks) == len(set(backups.looks)) <= 2 * math.ceil(math.log2(count + 1)) + 7
    assert len(backups.looks) <= most_looks(count)
    assert set(looked.states) == set(backups.looks)


@settings(max_examples=60, deadline=None)
@given(lives())
def test_a_row_that_touches_an_end_needs_no_hint(life: tuple[int, int, int]) -> None:
    count, first, last = life
    for states in (one_life(count, 0, last), one_life(count, first, count - 1)):
        backups = Backups(states)
        assert backups.searched().edges == backups.everything()
        assert len(backups.looks) <= math.ceil(math.log2(count + 1)) + 3


@settings(max_examples=60, deadline=None)
@given(lives())
def test_without_a_hint_it_is_found_or_lies_between_the_probes(life: tuple[int, int, int]) -> None:
    count, first, last = life
    backups = Backups(one_life(count, first, last))
    looked = backups.searched()
    if set(looked.states) & set(range(first, last + 1)):
        assert looked.edges == backups.everything()
    else:
        assert len(looked.states) == min(count, 8)
        assert last - first + 1 < count / 4  # only a short life is missed
    assert len(backups.looks) <= most_looks(count)


@settings(max_examples=60, deadline=None)
@given(lives(), st.data())
def test_it_goes_round_what_cannot_be_read(life: tuple[int, int, int], data: st.DataObject) -> None:
    count, first, last = life
    met = data.draw(st.integers(first, last))
    broken = data.draw(st.frozensets(st.integers(0, count - 1).filter(lambda number: number != met)))
    backups = Backups(one_life(count, first, last), broken)
    looked = backups.searched([met])
    assert looked.edges == backups.everything()
    assert looked.unread == set(backups.looks) & broken
    for low, high in looked.edges:  # nothing readable is left between
        assert set(range(low + 1, high)) <= broken


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([ABSENT, "a", "b"]), min_size=1, max_size=60))
def test_whatever_the_history_no_readable_backup_lies_at_an_edge_unseen(states: list[Hashable]) -> None:
    looked = Backups(states).searched()
    assert all(high - low == 1 for low, high in looked.edges)
    assert {number: states[number] for number in looked.states} == looked.states


@pytest.mark.parametrize("right", [True, False])
def test_a_right_guess_saves_looks_and_a_wrong_one_costs_two(right: bool) -> None:
    states = one_life(1024, 700, 1023)
    backups, plain = Backups(states), Backups(states)
    edges = [backups.searched(guess=lambda _: 700 if right else 17).edges, plain.searched().edges]
    assert edges == [[(699, 700)]] * 2
    assert len(plain.looks) == 12
    assert len(backups.looks) == (4 if right else 14)


def test_every_looks_at_every_one_in_order() -> None:
    backups = Backups(one_life(9, 3, 3), frozenset([4]))
    looked = search(9, backups.look, every=True)
    assert backups.looks == list(range(9))
    assert looked.edges == [(2, 3), (3, 5)]
    assert looked.unread == {4}


def test_what_it_knows_when_there_is_no_more_to_look_at_is_kept() -> None:
    backups = Backups(one_life(1000, 500, 999), allowed=5)
    looked = backups.searched()
    assert looked.stopped
    assert len(looked.states) == 5
    ((low, high),) = looked.edges
    assert low < 500 <= high
    assert high - low > 1


def test_nothing_at_all_can_be_read() -> None:
    looked = Backups([ABSENT] * 5, frozenset(range(5))).searched()
    assert (looked.states, looked.unread, looked.edges) == ({}, set(range(5)), [])
    assert Backups([]).searched().edges == []
