"""Fields that may be empty, and neighbours whose border is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec import compile_specification, doubts
from auditor.spec.kinds import read_kind
from rules.shipped import file_service
from tests.examples import examples
from tests.spec.building import compiled

CASES: list[tuple[str, Mapping[str, str], list[tuple[str, int, str, str]]]] = [
    ("a/{x}/{y}", {}, []),
    ("{x}-{y}.{z}", {"x": "slug", "y": "slug"}, []),
    ("{x}{y}", {"x": "token(8)", "y": "int"}, []),
    ("{x}{y}", {"x": "int", "y": "token(8)"}, []),
    ("{x}{y}", {"x": "uid(c)", "y": "path"}, []),
    ("{x}{y}", {"x": "int", "y": "choice(a, b)"}, []),
    (
        "{x}{y}",
        {"x": "choice(a, ab)", "y": "choice(c, bc)"},
        [("y", 4, "`abc` can be read as `ab` + `c` or as `a` + `bc`", "abc")],
    ),
    ("{x}{y}", {"x": "choice(a, ab)", "y": "choice(c, bd)"}, []),
    ("a/{x}{y}.ts", {}, [("y", 6, "`aaa` can be read as `aa` + `a` or as `a` + `aa`", "a/aaa.ts")]),
    (
        "{x}{y}{z}",
        {"x": "int", "y": "slug", "z": "int"},
        [
            ("y", 4, "`00a` can be read as `00` + `a` or as `0` + `0a`", "00a0"),
            ("z", 7, "`a00` can be read as `a0` + `0` or as `a` + `00`", "0a00"),
        ],
    ),
    (
        "{x}{y}{z}",
        {"x": "choice(a)?", "y": "choice(a, b)", "z": "choice(b, bb)?"},
        [
            ("x", 1, "", "a"),
            ("y", 4, "`ab` can be read as `a` + `b` or as nothing + `a`", "ab"),
            ("z", 7, "", "a"),
            ("z", 7, "`ab` can be read as `b` + nothing or as `a` + `b`", "ab"),
        ],
    ),
    (
        "v{n}{tag}",
        {"n": "int", "tag": "slug?"},
        [("tag", 5, "", "v0"), ("tag", 5, "`00` can be read as `00` + nothing or as `0` + `0`", "v00")],
    ),
]


@pytest.mark.parametrize(("template", "kinds", "expected"), CASES)
def test_doubts(template: str, kinds: Mapping[str, str], expected: list[tuple[str, int, str, str]]) -> None:
    found = list(doubts(compiled({template: kinds}).families[0]))
    # An item of a list begins with three characters: "- `".
    assert [
        (doubt.field.name, doubt.field.column - 3, _reading(doubt.message), doubt.witness) for doubt in found
    ] == expected


def _reading(message: str) -> str:
    return "" if message.endswith("may be empty") else message.partition(" is not certain: ")[2]


def test_the_sentences() -> None:
    (border,) = doubts(compiled({"a/{x}{y}": {}}).families[0])
    assert border.message == (
        "where `x` ends and `y` begins is not certain: `aaa` can be read as `aa` + `a` or as `a` + `aa`"
    )
    (empty,) = doubts(compiled({"a/{x}/{y}": {"x": "int?"}}).families[0])
    assert (empty.message, empty.witness) == ("the field `x` may be empty", "a//a")


def test_a_field_is_not_empty_where_the_key_would_be() -> None:
    assert list(doubts(compiled({"{x}": {"x": "int?"}}).families[0])) == []


def test_the_file_service_leaves_no_doubt() -> None:
    families = compile_specification(*file_service(), strict=True).families
    assert [doubt for family in families for doubt in doubts(family)] == []


KINDS = ("int", "slug", "token(1)", "segment", "path", "choice(a, ab)", "choice(0, b0, -)", "int?", "choice(a, aa)?")
SMALL = ["".join(key) for length in range(5) for key in product("ab0-", repeat=length)]


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.sampled_from(["", "a", "0"]), st.sampled_from(["", "b", "0"]))
def test_a_border_is_certain_when_no_small_key_has_two_readings(left: str, right: str, before: str, after: str) -> None:
    family = compiled({f"{before}{{x}}{{y}}{after}": {"x": left, "y": right}}).families[0]
    found = [doubt for doubt in doubts(family) if "certain" in doubt.message]
    shortest = next((key for key in SMALL if _readings(key, left, right) > 1), None)
    assert [len(doubt.witness) for doubt in found] == ([] if shortest is None else [len(before + shortest + after)])
    for doubt in found:
        between = doubt.witness.removeprefix(before).removesuffix(after)
        assert _readings(between, left, right) > 1


def _readings(key: str, left: str, right: str) -> int:
    one, other = read_kind(left), read_kind(right)
    return sum(one.accepts(key[:at]) and other.accepts(key[at:]) for at in range(len(key) + 1))
