"""Which templates are called the nearest, in what order, and where each is departed from."""

from __future__ import annotations

import pytest

from auditor.spec import Explanation, Fit, compile_specification
from rules.shipped import file_service
from tests.spec.building import compiled

SHIPPED = compile_specification(*file_service(), strict=True)
BODY = "mKc0l1ZpAx9TqUe_4rW-7Q"
CF = f"oseh_cf_{BODY}"


def nearby(explanation: Explanation) -> list[tuple[str, int, str]]:
    return [(near.family, near.column, near.expected) for near in explanation.nearby]


def test_a_folder_that_no_template_has_between_fields() -> None:
    explanation = SHIPPED.explain(f"s3_files/videos/{CF}/hls/a.ts")
    assert nearby(explanation) == [("videos/mp4", 48, "`mp4/`")]
    assert explanation.found == "`hls/`"


def test_the_right_kinds_count_before_the_form() -> None:
    spec = compiled({"a/{n}/b/{x}/c": {"n": "int"}, "a/{s}/{y}/{z}": {"s": "uid(x)"}})
    explanation = spec.explain("a/12/b/x")
    assert explanation.fit is Fit.INVALID_FIELD  # of the second template, which has its form
    explanation = spec.explain("a/12/b/x/d/e")
    assert nearby(explanation) == [("b", 10, "`c`"), ("a", 9, "the end of the key")]
    explanation = spec.explain("a/oseh_x_no/b/x/d/e")
    assert nearby(explanation)[0] == ("a", 16, "the end of the key")


def test_a_misspelt_folder_where_another_template_has_a_field() -> None:
    explanation = SHIPPED.explain(f"s3_files/audio/original/{CF}/x")
    assert nearby(explanation) == [
        ("audio/originals", 16, "`originals/`"),
        ("audio/mp4", 25, "`mp4/`"),
        ("audio/hls", 25, "`hls/`"),
    ]


def test_of_equals_the_first_of_the_document_is_the_first() -> None:
    spec = compiled({f"a/{{{name}}}/{name}": {} for name in ("p", "q", "r", "s")})
    assert [family for family, _, _ in nearby(spec.explain("a/x/t"))] == ["a", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("key", "families", "column", "expected"),
    [
        ("s3_files/uplods/x", ["uploads"], 10, "`uploads/`"),
        ("s3_files/imges/x", ["images/originals", "images/exports"], 10, "`images/`"),
        ("s3_files/journals/kyes/x", ["journals/keys/master", "journals/keys/client"], 19, "`keys/`"),
        ("s3_files/journals/keys/cleint/x", ["journals/keys/client"], 24, "`client/`"),
        ("s3_files/journals/keys/x/y", ["journals/keys/master", "journals/keys/client"], 24, "`master/`"),
        ("s3_files/vid", ["videos/originals", "videos/mp4"], 10, "`videos/`"),
        ("s3_files/v", ["videos/originals", "videos/mp4"], 10, "`videos/`"),
        ("s3_files/thumbnails/x", ["images/originals"], 10, "`images/`"),
        ("s3_file/x", ["images/originals", "images/exports", "uploads"], 1, "`s3_files/`"),
        ("", ["images/originals"], 1, "`s3_files/`"),
    ],
)
def test_unknown_keys_are_near_to_what_is_spelt_like_them(
    key: str, families: list[str], column: int, expected: str
) -> None:
    explanation = SHIPPED.explain(key)
    assert explanation.fit is Fit.UNKNOWN
    assert [near.family for near in explanation.nearby] == families
    assert (explanation.nearest, explanation.column, explanation.expected) == (families[0], column, expected)


def test_what_an_unknown_key_could_have_had_instead() -> None:
    assert SHIPPED.names_instead("s3_files/journals/keys/x/y") == ("master/", "client/")
    assert SHIPPED.names_instead("x") == ("s3_files/",)
    assert SHIPPED.names_instead("s3_files/jobs/repopulate_emotions/x") == ("dropped_",)


BEATEN = [
    (
        {"a/{x}/b": {}, "a/{x}/{y}": {}, "{z}/1/b": {}},
        "a/1/b",
        [
            ("a/{x}/{y}", "the literal `b` beats the field `{y}`"),
            ("{z}/1/b", "the literal `a/` beats the field `{z}`"),
        ],
    ),
    ({"{x}": {}, "{x}.ts": {}}, "a.ts", [("{x}", "the literal `.ts` beats the end of the template")]),
    (
        {"r/{x}-{y}": {"y": "int"}, "r/{p}_{y}": {"p": "slug"}},
        "r/1_2-3",
        [("r/{x}-{y}", "for the field `{p}` the kind `slug` is more specific than `segment`")],
    ),
    ({"a/{x}": {}, "b/{x}": {}}, "a/1", []),
    ({"a/{x}": {}}, "b", []),
    ({"a/{x}1": {"x": "int"}, "a/{x}2": {"x": "int"}, "a/{x}": {"x": "uid(c)"}}, "a/b2", [("a/{x}", "…")]),
]


@pytest.mark.parametrize(("kinds", "key", "expected"), BEATEN)
def test_what_is_beaten_and_why(kinds: dict[str, dict[str, str]], key: str, expected: list[tuple[str, str]]) -> None:
    found = [(family.template.text, why) for family, why in compiled(kinds).beaten(key)]
    assert [template for template, _ in found] == [template for template, _ in expected]
    assert all(why == wanted for (_, why), (_, wanted) in zip(found, expected, strict=True) if wanted != "…")
