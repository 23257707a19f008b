"""Which templates share a key, with the shortest and most readable one; which never do."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from auditor.spec import Family, common_key, compile_specification, overlaps
from auditor.spec.pieces import check
from rules.shipped import file_service
from tests.spec.building import compiled

Kinds = Mapping[str, str]


def family(template: str, **kinds: str) -> Family:
    return compiled({template: kinds}).families[0]


PAIRS = [
    (family("audio/{x}/hls/{y}.ts"), family("audio/originals/{x}/{y}"), "audio/originals/hls/a.ts"),
    (family("audio/{x}/hls/{y}.ts", x="uid(cf)"), family("audio/originals/{x}/{y}"), None),
    (family("a/{x}"), family("b/{x}"), None),
    (family("{x}.ts"), family("{x}.mp4"), None),
    (family("a/{x}"), family("a/{x}/{y}"), None),
    (family("a/{x}", x="path"), family("a/{x}/{y}"), "a/a/a"),
    (family("a/{x}", x="int"), family("a/{x}", x="token(8)"), "a/00000000000"),
    (family("a/{x}", x="timestamp"), family("a/{x}", x="isodatetime"), None),
    (family("a/{x}", x="timestamp"), family("a/{x}", x="token(9)"), None),
    (family("a/{x}", x="timestamp"), family("a/{x}", x="token(7)"), "a/0000000000"),
    (family("{x}-{y}", x="slug", y="timestamp"), family("{x}", x="token(8)"), "a-000000000"),
    (family("{x}", x="uid(c)"), family("{x}", x="uid(ce)"), None),
    (family("{x}", x="uid(c)"), family("{x}", x="slug"), "oseh_c_aaaaaaaaaaaaaaaaaaaaaa"),
    (family("{x}", x="isodatetime"), family("{x}{y}", y="choice(Z)"), "0000-01-01T00:00:00Z"),
    (family("{x}", x="isodatetime"), family("{x}", x="slug"), None),
    (family("{x}", x="choice(a, bc)"), family("{x}", x="choice(bc, d)"), "bc"),
    (family("{x}.{y}"), family("a.b.{x}"), "a.b.a"),
    (family("{x}a{y}"), family("{x}b{y}"), "aaba"),
    (family("a/{x}"), family("a/b"), "a/b"),
    (family("a/b"), family("a/bc"), None),
    (family("a{x}", x="int?"), family("{x}"), "a"),
    (family("a/{x}", x="int?"), family("a/{x}", x="choice(b)?"), "a/"),
    (family("{x}é{y}"), family("{x}"), "aéa"),
    (family("{x}", x="path"), family("$(\\.[^/]+?{x}*"), "$(\\.[^/]+?a*"),
]


@pytest.mark.parametrize(("one", "other", "witness"), PAIRS)
def test_common_keys(one: Family, other: Family, witness: str | None) -> None:
    assert common_key(one, other) == common_key(other, one) == witness


@pytest.mark.parametrize(
    ("options", "witness"),
    [
        ("1a, aA, ab, a'", "ab"),
        ("a b, a_b, a'b", "a_b"),
        ("ab', a'c, 1a2", "1a2"),
        ("a b, é", "é"),
        ("ü, ab", "ab"),
        ("日本, abcdef, 日本a", "abcdef"),
        ("日本, abcdefg", "日本"),
    ],
)
def test_of_the_shortest_keys_the_most_readable(options: str, witness: str) -> None:
    wanted = family("{x}", x="segment")
    assert common_key(family("{x}", x=f"choice({options})"), wanted) == witness


def test_a_key_of_s3_has_1_to_1024_bytes() -> None:
    random = family("{x}{y}", x="token(750)", y="path")
    for length, there in ((24, True), (25, False)):
        key = common_key(random, family("{x}" + "/" * length, x="path"))
        assert (key is not None and len(key)) == (1000 + length if there else False)
    umlauts = family("ü" * 300 + "{x}", x="path")
    assert common_key(umlauts, family("{x}" + "/" * 424, x="path")) == "ü" * 300 + "/" * 424
    assert common_key(umlauts, family("{x}" + "/" * 425, x="path")) is None
    assert common_key(family("{x}", x="int?"), family("{x}", x="choice(a)?")) is None


def test_the_file_service_is_free_of_overlaps() -> None:
    assert list(overlaps(compile_specification(*file_service(), strict=True).families)) == []


def test_the_file_service_without_bindings_is_not() -> None:
    found = list(overlaps(compile_specification(file_service().document).families))
    assert [(one.first.name, one.second.name, one.witness, one.winner and one.winner.name) for one in found] == [
        ("audio/hls", "audio/originals", "s3_files/audio/originals/hls/a.ts", "audio/originals"),
    ]


def test_all_pairs_in_the_order_of_the_document_with_their_winners() -> None:
    spec = compiled(
        {"{w}b{v}": {}, "a/{x}": {}, "{x}a{y}": {}, "a/{x}c": {"x": "int"}, "a/{z}{y}": {"z": "int", "y": "slug"}}
    )
    assert [
        (one.first.name, one.second.name, one.witness, one.winner and one.winner.name)
        for one in overlaps(spec.families)
    ] == [
        ("{w}b{v}", "{x}a{y}", "aaba", None),
        ("a", "a-2", "a/0c", "a-2"),
        ("a", "a-3", "a/0a", "a-3"),
        ("a-2", "a-3", "a/0c", "a-2"),
    ]


def test_a_wrong_witness_does_not_go_unnoticed() -> None:
    with pytest.raises(RuntimeError, match=r"^`a/b/c` was proved to fit `a/.x.`, and does not$"):
        check(["a/b", "a/b/c"], family("a/{x}"))


@pytest.mark.parametrize("random", ["token(8)", "token(96)"])
def test_where_a_deterministic_automaton_would_be_too_large(random: str) -> None:
    """`{name}-{random}`: any hyphen may be the one, so it would have a state for each set of places of hyphens."""
    start = time.process_time()
    one = family("videos/{name}-{random}", name="slug", random=random)
    assert common_key(one, family("videos/{name}/{random}", name="slug", random=random)) is None
    assert common_key(one, family("videos/{name}-{number}-x", number="int")) is not None
    assert time.process_time() - start < 5


@pytest.mark.parametrize("overlapping", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_all_pairs_of_200_templates_with_one_beginning(overlapping: bool) -> None:
    middle = "{{name}}-{}-{{rest}}" if overlapping else "{}/{{name}}/{{rest}}"
    kinds = {"uid": "uid(cf)", "name": "slug", "rest": "slug" if overlapping else "token(8)"}
    spec = compiled({f"s3_files/content/{{uid}}/{middle.format(1000 + number)}.ts": kinds for number in range(200)})
    start = time.process_time()
    found = sum(1 for _ in overlaps(spec.families))
    assert time.process_time() - start < 10
    assert found == (0 if not overlapping else 19_900)
