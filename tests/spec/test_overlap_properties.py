"""Proofs of overlap against an independent library, against RE2 on random keys, and against each other."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from auditor.spec import Family, Literal, Specification, Template, common_key, overlaps
from tests.examples import examples
from tests.spec.building import compiled
from tests.spec.oracle import intersection, shortest
from tests.spec.test_agreement import VALUES, hostile, near_keys, specifications, templates

NARROWER = {
    "path": "segment",
    "segment": "slug",
    "slug": "int",
    "int": "timestamp",
    "timestamp(hint)": "timestamp",
    "segment?": "segment",
    "path?": "segment?",
    "int?": "int",
    "choice(a, ab, a-b)": "choice(a, ab)",
    "choice(a, ab)?": "choice(a)",
    "token(1)": "choice(a-, ab)",
}


@st.composite
def families(draw: st.DrawFn) -> Family:
    text, kinds = draw(templates())
    return compiled({text: kinds}).families[0]


def fits(key: str, family: Family) -> bool:
    answer: bool = pc.match_substring_regex(pa.array([key]), family.matching(shapes=False))[0].as_py()
    return answer


@settings(max_examples=8, deadline=None)  # the library takes most of a second for a pair
@given(families(), families())
def test_a_library_finds_the_same(first: Family, second: Family) -> None:
    assert_a_library_agrees(first, second)


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(families(), families())
def test_a_library_finds_the_same_of_many(first: Family, second: Family) -> None:
    assert_a_library_agrees(first, second)


def assert_a_library_agrees(first: Family, second: Family) -> None:
    key = common_key(first, second)
    event("shared" if key else "apart")
    assert (key and len(key.encode())) == shortest(intersection(first, second))
    assert key is None or (fits(key, first) and fits(key, second))
    assert common_key(second, first) == key


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_a_key_of_one_is_a_key_of_the_other_only_if_they_share_one(data: st.DataObject) -> None:
    spec, second = data.draw(specifications()), data.draw(families())
    key = data.draw(near_keys(spec))
    fitting = [family for family in spec.families if fits(key, family)]
    event("shared" if fitting and fits(key, second) else "apart")
    for first in fitting if key and fits(key, second) else ():
        shared = common_key(first, second)
        assert shared is not None
        assert len(shared.encode()) <= len(key.encode())


@settings(max_examples=examples(40), deadline=None)
@given(specifications(), st.sampled_from([1, 2_000, 4_000_000]))
def test_all_pairs_at_once_are_the_pairs_one_by_one(spec: Specification, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auditor.spec.overlap._MOST_PAIRS", most)
        found = [(one.first.name, one.second.name, one.witness) for one in overlaps(spec.families)]
    pairs = ((one, other, common_key(one, other)) for one, other in combinations(spec.families, 2))
    assert found == [(one.name, other.name, key) for one, other, key in pairs if key is not None]


@settings(max_examples=examples(250), deadline=None)
@given(families(), st.data())
def test_the_automaton_takes_the_keys_that_the_pattern_takes(family: Family, data: st.DataObject) -> None:
    values = st.sampled_from(VALUES) | hostile
    key = "".join(data.draw(values) if piece is None else piece for piece in family.template.skeleton)
    assume(key)
    literal = Family("literal", Template(key, 1, 1, (Literal(key, 1, 1),)), {})
    assert common_key(family, literal) == (key if fits(key, family) else None)


@settings(max_examples=examples(100), deadline=None)
@given(templates(), families(), st.data())
def test_a_narrower_kind_never_makes_an_overlap(
    template: tuple[str, dict[str, str]], other: Family, data: st.DataObject
) -> None:
    text, kinds = template
    assume(any(kind in NARROWER for kind in kinds.values()))
    name = data.draw(st.sampled_from([name for name, kind in kinds.items() if kind in NARROWER]))
    wide = common_key(compiled({text: kinds}).families[0], other)
    narrow = common_key(compiled({text: kinds | {name: NARROWER[kinds[name]]}}).families[0], other)
    assert narrow is None or (wide is not None and len(wide.encode()) <= len(narrow.encode()))
