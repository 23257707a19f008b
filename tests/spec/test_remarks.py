"""What is odd in a document and stops nobody: understood or passed over, and remarked on where it stands."""

from __future__ import annotations

import pytest

from auditor.spec import Source, Specification, compile_specification

OK = "- `ok/{x}`: prose\n"


def read(text: str) -> Specification:
    return compile_specification(Source("keys.md", text.encode()))


def remarks(text: str) -> list[tuple[int, int, str, str]]:
    return [(remark.line, remark.column, remark.message, remark.expected) for remark in read(text).remarks]


def test_a_document_without_anything_odd_has_no_remarks() -> None:
    text = (
        "# Keys\n\n- `a/{x}`: See [t](../db/t.md), [u][u] and `b/c`. [x]: [ ] done\n- no span\n- `word` alone\n\n"
        "`p/{q}` in a paragraph, [../db/v.md] too\n\n[u]: ../db/u.md\n"
    )
    assert remarks(text) == []
    assert read(text).families[0].tables == ("t", "u")


def test_a_path_in_brackets_names_the_table_and_is_remarked_on() -> None:
    text = f"{OK}- `a/{{x}}`: See [t](../db/t.md),\n  [../db/u.md] and [db/v_2.md#top], not [b.md] or [x/adb/w.md]\n"
    assert read(text).families[1].tables == ("t", "u", "v_2")
    assert remarks(text) == [
        (
            3,
            3,
            "`[../db/u.md]` is no link; it is understood as naming the table `u`",
            "`[u](../db/u.md)`",
        ),
        (
            3,
            20,
            "`[db/v_2.md#top]` is no link; it is understood as naming the table `v_2`",
            "`[v_2](db/v_2.md#top)`",
        ),
    ]


def test_a_path_in_brackets_that_is_a_link_is_one() -> None:
    text = "- `a/{x}`: [../db/t.md] and [../db/u.md](../db/v.md) and `[../db/w.md]`\n\n[../db/t.md]: ../db/t.md\n"
    assert remarks(text) == []
    assert read(text).families[0].tables == ("t", "v")


def test_the_first_template_keeps_its_place_behind_a_bracket() -> None:
    (family,) = read("- [../db/t.md] `` a`{x} ``: prose").families
    assert (family.template.text, family.template.line, family.template.column) == ("a`{x}", 1, 19)


def test_an_item_that_nearly_has_a_template_is_remarked_on_where_the_colon_is_missing() -> None:
    text = f"{OK}1. `a/{{x}}` - prose\n2. `README` - prose\n3. text `a/b` text\n"
    expected = "a colon directly after the code span, if it is one"
    assert remarks(text) == [
        (2, 11, "`a/{x}` is followed by a dash, so it is not read as a template", expected),
        (4, 14, "`a/b` is followed by the text `text`, so it is not read as a template", expected),
    ]
    assert [family.template.text for family in read(text).families] == ["ok/{x}"]


@pytest.mark.parametrize(
    ("template", "column", "text", "instead"),
    [
        ("sub-<label>/a", 8, "<label>", "{label}"),
        ("a/<two words>/b", 6, "<two words>", "{two words}"),
        ("users/:id/avatar", 10, ":id", "{id}"),
        (":id", 4, ":id", "{id}"),
        ("a/$HOME/b", 6, "$HOME", "{HOME}"),
        ("a/${name}/b", 6, "$", "{name}"),
        ("a/#{name}/b", 6, "#", "{name}"),
        ("logs/%Y-%m-%d.gz", 9, "%Y-%m-%d", "{date}"),
        ("a/%s.txt", 6, "%s", "{name}"),
        ("a/%05d.ts", 6, "%05d", "{name}"),
        ("a/%(uid)s.ts", 6, "%(uid)s", "{name}"),
        ("a/**/b", 6, "**", "{name}"),
        ("logs/YYYY/MM/DD/{hour}.gz", 9, "YYYY/MM/DD", "{date}"),
        ("logs/yyyyMMdd.gz", 9, "yyyyMMdd", "{date}"),
    ],
)
def test_a_placeholder_of_another_syntax_is_literal_text(template: str, column: int, text: str, instead: str) -> None:
    said = (1, column, f"`{text}` is read as literal text", f"`{instead}`, if it stands for something")
    assert remarks(f"- `{template}`: prose") == [said]
    literals = [
        part.text for part in read(f"- `{template}`: prose").families[0].template.parts if hasattr(part, "text")
    ]
    assert text in "".join(literals)


@pytest.mark.parametrize(
    "template",
    [
        "user:{id}:sessions",
        "a:b/c::d",
        "a/:b-c/:d.png",
        "x/{<y>}/{:z}/{$a}/{%Y}/{*}",
        "a%2Fb/%C3%A9/100%",
        "a<b/c>d/<1>/<>",
        "cost$/5$",
        "MYYYY/yyyymm1/DD/MM",
        "%data/%Year",
    ],
)
def test_what_only_resembles_a_placeholder_is_not_remarked_on(template: str) -> None:
    assert remarks(f"- `{template}`: prose") == []


def test_remarks_stand_in_the_order_of_the_document_and_in_wrapped_spans() -> None:
    text = "- `a/<x>/\n    <y>`: [../db/t.md]\n- `b/c` - prose\n- `d/:e`: prose\n"
    assert [(line, column) for line, column, *_ in remarks(text)] == [(1, 6), (2, 5), (2, 11), (3, 8), (4, 6)]


def test_a_remark_knows_the_line_it_is_about() -> None:
    (remark,) = read("- `a/<x>`: prose\r\n").remarks
    assert remark.source_line == "- `a/<x>`: prose"
