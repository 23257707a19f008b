"""What is a template of a document, and where it stands."""

from __future__ import annotations

import pytest

from auditor.spec import Literal, Source, Specification, compile_specification
from tests.spec.building import compiled, faults

PROSE = "Where it is. See [row](../db/things.md), `restore {key} {dump}` and `a, b`. NOTE: it\n  may  vary."


def read(text: str, *, encoding: str = "utf-8") -> Specification:
    return compile_specification(Source("keys.md", text.encode(encoding)))


def texts(text: str) -> list[str]:
    return [family.template.text for family in read(text).families]


@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "12)"])
def test_every_list_marker(marker: str) -> None:
    assert texts(f"{marker} `a/{{x}}`: {PROSE}\n{marker} `b/{{x}}`: {PROSE}\n") == ["a/{x}", "b/{x}"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_line_ends_and_byte_order_mark_change_nothing(end: str, encoding: str) -> None:
    text = f"# keys\n\n- `a/{{x}}`:\n  {PROSE}\n- `b/{{x}}`: {PROSE}\n".replace("\n", end)
    spec = read(text, encoding=encoding)
    assert [(family.template.text, family.template.line, family.template.column) for family in spec.families] == [
        ("a/{x}", 3, 4),
        ("b/{x}", 6, 4),
    ]
    assert {family.note for family in spec.families} == {"it may vary."}
    assert {family.tables for family in spec.families} == {("things",)}


def test_first_line_with_byte_order_mark_counts_columns_without_it() -> None:
    assert read("- `{x}`: a", encoding="utf-8-sig").families[0].template.column == 4


NONE = "this document has no key template"
NEAREST = f"{NONE}; the nearest to one, `a/{{x}}`,"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, 1, NONE)),
        ("# keys\n\n- a: no code span\n- and/or", (1, 1, NONE)),
        ('```\n{"a": {"b":1}}\n```', (1, 1, NONE)),
        ("- `a/{x}` without a colon", (1, 10, f"{NEAREST} is followed by the text `without a colon`")),
        ("- `a/{x}` without a colon or a dash", (1, 10, f"{NEAREST} is followed by the text `without a colon…`")),
        ("- `a/{x}` - a dash", (1, 10, f"{NEAREST} is followed by a dash")),
        ("- `a/{x}` — a long dash", (1, 10, f"{NEAREST} is followed by a dash")),
        ("- `a/{x}`", (1, 10, f"{NEAREST} is followed by the end of the paragraph")),
        ("- `a/{x}`\n  prose", (1, 10, f"{NEAREST} is followed by a line end")),
        ("- `a/{x}` : prose", (1, 10, f"{NEAREST} is followed by a blank and a colon")),
        ("- `a/{x}` `b`: prose", (1, 10, f"{NEAREST} is followed by a blank")),
        ("- `a/{x}`[b](c): prose", (1, 10, f"{NEAREST} is followed by a link")),
        ("- **`a/{x}`** (prose)", (1, 12, f"{NEAREST} is followed by the text `(prose)`")),
        ("- ``a/{x}`` prose", (1, 12, f"{NEAREST} is followed by the text `prose`")),
        (
            "- text\n\n  - `a/{\n    x}` - wrapped",
            (4, 8, f"{NONE}; the nearest to one, `a/{{ x}}`, is followed by a dash"),
        ),
        ("- `a/{x}:` prose", (1, 11, f"{NONE}; the nearest to one, `a/{{x}}:`, has the colon inside of the code span")),
        ("- a\n- a/{x}: prose", (2, 3, f"{NEAREST} stands in a list item, but in no code span")),
        ("- see `a`, then `b/{x}`: prose", (1, 1, NONE)),
        ("intro\n\n`a/{x}`: not in a list", (3, 2, f"{NEAREST} stands in a paragraph")),
        ("### `a/{x}`\n\nprose", (1, 6, f"{NEAREST} stands in a heading")),
        ("a/{x}\n=====\n", (1, 1, f"{NEAREST} stands in a heading")),
        ("| key | is |\n|-|-|\n| `a/{x}` | prose |", (3, 4, f"{NEAREST} stands in a table")),
        ("key | is\n-|-\nb | c a/{x} | prose", (3, 7, f"{NEAREST} stands in a table")),
        ("    - `a/{x}`: a code block", (1, 8, f"{NEAREST} stands in a code block")),
        ("```\n- a\n- `a/{x}`: a fence\n```", (3, 4, f"{NEAREST} stands in a code block")),
        ("<!--\n- `a/{x}`: a comment\n-->", (2, 4, f"{NEAREST} stands in HTML")),
        ("- `x/y` prose\n\n| `a/{x}` | prose |", (3, 4, f"{NEAREST} stands in a table")),
        (
            "- `x/y` prose\n\n```\na/b\n```",
            (1, 8, f"{NONE}; the nearest to one, `x/y`, is followed by the text `prose`"),
        ),
    ],
)
def test_a_document_without_a_template_says_what_is_nearest_to_one(text: str, fault: tuple[int, int, str]) -> None:
    assert faults(text) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "- intro\n\n  - `a/{x}`: nested",
        "> - `a/{x}`: quoted",
        "- `` a/{x} ``: two backticks",
        "- **`a/{x}`**: bold",
        "- Exports `a/{x}`: after a word",
        "- \\` `a/{x}`: after a backtick that is none",
        "- first paragraph\n\n  `a/{x}`: second paragraph",
        "- # `a/{x}`: heading",
        "-\t`a/{x}`: tab",
    ],
)
def test_what_is_a_template(text: str) -> None:
    (family,) = read(text).families
    template = family.template
    line = text.split("\n")[template.line - 1]
    assert template.text == "a/{x}"
    assert line[template.column - 1 :].startswith("a/{x}")


def test_ten_and_more_nested_lists() -> None:
    nested = "".join(f"{'  ' * depth}- `a/{depth}/{{x}}`: b\n" for depth in range(15))
    assert len(texts(nested)) == 15


def test_fields_hold_blanks_dots_and_parentheses() -> None:
    (family,) = read("- `b/{target bitrate}/d_{datetime.now().isoformat()}.txt`: x").families
    assert [field.name for field in family.template.fields] == ["target bitrate", "datetime.now().isoformat()"]
    assert [field.column for field in family.template.fields] == [6, 25]


def test_places_in_a_span_that_is_wrapped_and_indented() -> None:
    (family,) = read("intro\n\n* text\n\n  1. `a/{target\n        bit rate}/x-{é}.ts`: prose").families
    assert family.template.text == "a/{target bit rate}/x-{é}.ts"
    places = [(type(part).__name__, part.line, part.column) for part in family.template.parts]
    assert places == [("Literal", 5, 7), ("Field", 5, 9), ("Literal", 6, 18), ("Field", 6, 21), ("Literal", 6, 24)]


def test_places_behind_tabs_and_wide_characters() -> None:
    (family,) = read("- 鍵:\t`a/{x}`: prose").families
    assert (family.template.line, family.template.column) == (1, 7)


def test_literal_is_what_stands_before_the_first_field() -> None:
    assert [family.literal for family in compiled({"a/{x}/b": {}, "{x}/b": {}, "robots.txt": {}}).families] == [
        "a/",
        "",
        "robots.txt",
    ]


def test_neighbouring_fields_have_no_literal_between_them() -> None:
    (family,) = compiled({"{a}{b}/c": {}}).families
    assert [isinstance(part, Literal) for part in family.template.parts] == [False, False, True]


def test_tables_come_from_links_to_the_database_folder_only() -> None:
    text = "- `a/{x}`: [t](../db/t.md) [u](x/db/u_2.md#c) [v](../db/v.sql) [w](../adb/w.md) ../db/y.md [t](db/t.md)"
    assert read(text).families[0].tables == ("t", "u_2")
