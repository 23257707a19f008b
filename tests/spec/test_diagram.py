"""Templates as railroad diagrams: what the picture shows, and that nothing in it can do anything."""

from __future__ import annotations

import time
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec import Family, Kind
from auditor.spec.diagram import MOST_OPTIONS, WIDEST_ROW, railroad, railroad_of
from tests.examples import examples
from tests.reports.hostile import HOSTILE_KEYS
from tests.spec.building import compiled

SCRIPT = "<script>alert(1)</script>"
FRAME = 140  # what the picture adds to a row: ends, margins, the turns from one row to the next


def family(template: str, **kinds: str) -> Family:
    return compiled({template: kinds}).families[0]


def drawn(template: str, **kinds: str) -> ElementTree.Element:
    made = family(template, **kinds)
    return ElementTree.fromstring(railroad(made.template, made.kinds))  # noqa: S314 - our own


def texts(picture: ElementTree.Element, place: str) -> list[str]:
    return ["".join(element.itertext()) for element in picture.iterfind(place)]


LITERALS, WORDS, NAMES = ".//g[@class='literal']/text", ".//g[@class='words']/text", ".//text[@class='comment']"


def test_literals_are_boxes_and_fields_are_named_boxes_with_the_words_of_their_kind() -> None:
    picture = drawn("s3/{uid}/x-{n}.png", uid="uid(ife)", n="int")
    assert texts(picture, LITERALS) == ["s3/", "/x-", ".png"]
    assert texts(picture, NAMES) == ["{uid}", "{n}"]
    assert texts(picture, WORDS) == [
        "a uid that begins with `oseh_ife_`, then 22 base64url characters",
        "decimal digits",
    ]
    assert len(picture.findall(".//rect[@class='group-box']")) == 2


def test_a_choice_is_a_choice_of_literals_one_below_the_other() -> None:
    picture = drawn("a.{format}", format="choice(png, jpeg)")
    assert texts(picture, LITERALS) == ["a.", "png", "jpeg"]
    assert texts(picture, WORDS) == []
    heights = [element.get("y") for element in picture.iterfind(".//g[@class='literal']/rect")]
    assert len(set(heights[1:])) == 2


def test_the_only_option_is_no_choice() -> None:
    assert texts(drawn("a.{format}", format="choice(png)"), LITERALS) == ["a.", "png"]


def test_of_a_long_choice_the_first_options_are_shown_and_the_others_counted() -> None:
    picture = drawn("{n}", n=f"choice({', '.join(map(str, range(100)))})")
    assert texts(picture, LITERALS) == [str(number) for number in range(MOST_OPTIONS)]
    assert texts(picture, WORDS) == [f"… {100 - MOST_OPTIONS} more"]


def test_a_field_that_may_be_empty_can_be_passed_by() -> None:
    made = family("a{b}c")
    maybe = Kind("letters", "slug", "[a-z]*", "letters, or nothing")
    certain, optional = (railroad(made.template, {"b": kind}) for kind in (made.kinds["b"], maybe))
    assert "letters, or nothing" in optional
    assert optional.count("<path") > certain.count("<path")


def test_three_fields_of_one_kind_are_three_fields() -> None:
    """The library draws three elements of one name as one that comes three times."""
    assert texts(drawn("{a}{b}{c}"), NAMES) == ["{a}", "{b}", "{c}"]
    assert texts(drawn("".join(f"/{'x' * 50}{{{name}}}" for name in "abc")), NAMES) == ["{a}", "{b}", "{c}"]


def test_a_long_template_is_drawn_in_rows_of_like_length() -> None:
    picture = drawn("/".join(f"{{field number {number}}}" for number in range(12)))
    assert float(picture.get("width", 0)) < WIDEST_ROW + FRAME
    rows = {element.get("y") for element in picture.iterfind(".//rect[@class='group-box']")}
    assert len(rows) > 2
    assert len(texts(picture, NAMES)) == 12


def test_a_long_text_is_shortened_and_a_wide_one_has_a_wide_box() -> None:
    assert [len(text) for text in texts(drawn("x" * 900), LITERALS)] == [71]
    narrow, wide = (
        float(drawn(text).find(".//g[@class='literal']/rect").get("width", 0))  # type: ignore[union-attr]
        for text in ("key", "キー/")
    )
    assert wide == narrow + 2 * 8.5


@pytest.mark.parametrize("text", [SCRIPT, "]]><svg onload='x()'>", '"><img src=x>', "&lt;", "http://evil.invalid/x"])
def test_names_and_literals_are_text_and_nothing_else(text: str) -> None:
    picture = drawn(f"{text}/{{{text}}}")
    assert texts(picture, LITERALS) == [f"{text}/"]
    assert texts(picture, NAMES) == [f"{{{text}}}"]
    assert {element.tag for element in picture.iter()} == {"svg", "g", "path", "rect", "text"}


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_template_is_drawn_and_inert(key: str) -> None:
    name = "".join(character for character in key if character not in "{}").strip()[:240]
    svg = railroad_of(f"a/{name}/{{{name}}}", {name: "segment"})
    assert svg is not None
    assert svg.isprintable()
    assert "//" not in svg
    assert "<script" not in svg
    picture = ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert {element.tag for element in picture.iter()} == {"svg", "g", "path", "rect", "text"}


NAME = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), min_size=1, max_size=90)
KINDS = st.sampled_from(["segment", "path", "int", "uid(x)", "token(8)", "choice(a, <b>, c&d)", "timestamp(hint)"])


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(NAME, st.none() | KINDS), min_size=1, max_size=12))
def test_every_template_gives_well_formed_xml_with_all_of_its_fields(parts: list[tuple[str, str | None]]) -> None:
    kinds = {f"{text.strip()} {place}": kind for place, (text, kind) in enumerate(parts) if kind}
    template = "".join(f"{{{text.strip()} {place}}}" if kind else text for place, (text, kind) in enumerate(parts))
    svg = railroad_of(template, {name.strip(): kind for name, kind in kinds.items()})
    if svg is not None:  # a template may still be too long
        assert "//" not in svg
        assert len(texts(ElementTree.fromstring(svg), NAMES)) == len(kinds)  # noqa: S314 - our own
    else:
        assert not template.strip() or sum(len(text.encode()) for text, kind in parts if not kind) > 900


@pytest.mark.parametrize(("template", "kinds"), [("a/{b", {"b": "int"}), ("a/{b}", {}), ("a/{b}", {"b": "unheard of"})])
def test_what_cannot_be_understood_has_no_picture(template: str, kinds: dict[str, str]) -> None:
    assert railroad_of(template, kinds) is None


def test_two_hundred_templates_take_no_time() -> None:
    families = [family(f"s3/{number}/{{uid}}/{{random}}.{{format}}", random="token(8)") for number in range(200)]
    began = time.process_time()
    sizes = [len(railroad(made.template, made.kinds)) for made in families]
    assert time.process_time() - began < 10
    assert max(sizes) < 4_000
