"""Everything that can be wrong in a document or in bindings, with its place; and that nothing else is ever raised."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.spec import Fault, Literal, Source, Specification, SpecificationError, compile_specification
from rules.shipped import file_service
from tests.examples import examples
from tests.spec.building import faults

ONE = "- `a/{x}/{y}`: prose\n"
TABLE = '[templates."a/{x}/{y}"]\n'


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("", [(1, 1, "this document has no key template")]),
        (b"- `a`: \xff", [(1, 8, "byte 0xff is not UTF-8")]),
        (b"\xef\xbb\xbfx\r\n\xc3\xa9\xc3(", [(2, 2, "byte 0xc3 is not UTF-8")]),
        ("- `a/{x`: b", [(1, 6, "`{` without `}`")]),
        ("- `a/x}`: b", [(1, 7, "`}` without `{`")]),
        ("- `a/{x/{y}`: b", [(1, 6, "`{` without `}`")]),
        ("- `a/{ }/{}`: b", [(1, 7, "the field has no name"), (1, 11, "the field has no name")]),
        ("- ` `: b", [(1, 4, "the template is empty")]),
        ("- `a/{x}-{x}`: b", [(1, 10, "the template has two fields `x`")]),
        ("- `a/{x}`: b\n- `a/{x}`: c", [(2, 4, "the same template as in line 1")]),
        ("- `a/{x}`: b\n- `a/{y}`: c", [(2, 4, "the same template but for field names as in line 1")]),
        (
            "- `{a}{b`: x\n\n> * `}{}`: y",
            [(1, 7, "`{` without `}`"), (3, 6, "`}` without `{`"), (3, 8, "the field has no name")],
        ),
        ("- `" + "".join(f"{{{number}}}" for number in range(34)) + "`: b", [(1, 122, "the template has 34 fields")]),
        ("- `" + "é" * 512 + "{x}`: b", [(1, 4, "the shortest key of this template has 1025 bytes")]),
    ],
)
def test_faults_of_a_document(document: str | bytes, expected: list[tuple[int, int, str]]) -> None:
    assert faults(document) == expected


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [
        (b"root = '\xff'", [(1, 9, "byte 0xff is not UTF-8")]),
        ("root = \n", [(1, 8, "not TOML: invalid value")]),
        ("root = 'x'\n\n[rows", [(3, 6, "not TOML: expected ']' at the end of a table declaration")]),
        ("x = " + "[" * 100_000, [(1, 1, "nested too deeply")]),
        ("roots = 'a'", [(1, 1, "unknown key `roots`")]),
        ("root = 1", [(1, 8, "`root` is not a text")]),
        ("[rows]\ntable = 's3'", [(2, 1, "unknown key `table`")]),
        ("[rows]\nname = 's3; drop'", [(2, 9, "`s3; drop` is no name of a table or column")]),
        ("[rows]\nkey = ''", [(2, 8, "`` is no name of a table or column")]),
        ("[rows]\nname = ''", [(2, 9, "`` is no name of a table or column")]),
        ("[rows]\nquery = 1", [(2, 9, "`query` is no SELECT")]),
        ("[rows]\nquery = ''", [(2, 10, "`query` is no SELECT")]),
        ("[rows]\nquery = 'DELETE FROM t'", [(2, 10, "`query` is no SELECT")]),
        ("[rows]\nquery = 'SELECTED'", [(2, 10, "`query` is no SELECT")]),
        ("[rows]\nquery = 'SELECT 1; DROP TABLE t'", [(2, 10, "`query` holds a `;`")]),
        ("[rows]\nname = 't'\nquery = 'SELECT 1'", [(3, 10, "`query` stands in place of `name`")]),
        ("[ignore]\nglobs = 'a'", [(2, 10, "`globs` is not a list")]),
        ("[ignore]\nglobs = [\n  'a', # one\n  2,\n]", [(4, 3, "an element of `globs` is not a text")]),
        ("ignore = 3", [(1, 10, "`ignore` is not a table")]),
        ("templates = []", [(1, 13, "`templates` is not a table")]),
        (TABLE + "kind = {}", [(2, 1, "unknown key `kind`")]),
        (TABLE + "rows = 'maybe'", [(2, 9, "there is no row policy `maybe`")]),
        (TABLE + "rows = ['none']", [(2, 8, "there is no row policy `['none']`")]),
        (TABLE + "secret = 1", [(2, 10, "`secret` is neither true nor false")]),
        (TABLE + "name = ''", [(2, 9, "`name` is not a text")]),
        (TABLE + "tables = ['a b']", [(2, 12, "`a b` is no name of a table")]),
        (TABLE + "owners = { x = 'a' }", [(2, 17, "the owner of `x` is no column")]),
        (TABLE + "content_types = []", [(2, 17, "no content type is named")]),
        (TABLE + "content_types = ['png']", [(2, 17, "`png` is no content type")]),
        (TABLE + "content_types = { x = 1, y = 2 }", [(2, 17, "`content_types` does not name one field")]),
        (TABLE + "content_types = { x = { a = 1 } }", [(2, 29, "`a` is not a list")]),
        (TABLE + "content_types = { q = { a = 'a/b' } }", [(2, 19, "the template has no field `q`")]),
        (TABLE + "expires = { field = 'x' }", [(2, 11, "`expires` does not say `table`")]),
        (TABLE + "expires = { field = 'x', table = 't', column = 'c' }", [(2, 11, "`expires` names no time")]),
        (
            TABLE + "expires = { field = 'q', table = 't', column = 'c', done = 'd' }",
            [(2, 22, "the template has no field `q`")],
        ),
        (TABLE + "part = { table = 't', file = 'f', start = 's' }", [(2, 8, "`part` does not say `end`")]),
        (
            TABLE + "part = { table = 't', file = 'f', start = 's', end = 'e;' }",
            [(2, 55, "`e;` is no name of a table or column")],
        ),
        (TABLE + "fields = { x = 7 }", [(2, 16, "the kind of `x` is not a text")]),
        (TABLE + "fields = { x = 'uuid' }", [(2, 17, "there is no field kind `uuid`")]),
        (TABLE + "fields = { x = 'int(3)' }", [(2, 21, "`int` takes no argument")]),
        (TABLE + "fields = { x = 'choice(a, b, a)' }", [(2, 30, "the option `a` stands here twice")]),
        (TABLE + "fields = { x = 'choice(a,,b)' }", [(2, 25, "this is not a field kind")]),
        (TABLE + "fields = { x = 'token(0)' }", [(2, 23, "`token` needs one number")]),
        (TABLE + "fields.x = 'uid'", [(2, 16, "`uid` needs one prefix")]),
        (TABLE + "fields.x = 'timestamp(x)'", [(2, 23, "`timestamp` knows one argument")]),
        (TABLE + 'fields."x" = "\\u0069nt("', [(2, 14, "this is not a field kind")]),
        (TABLE + "fields.z = 'int'", [(2, 8, "the template has no field `z`")]),
        (TABLE + "[templates.'a/{x}/{y}'.owners]\nq = 'a.b'", [(3, 1, "the template has no field `q`")]),
        ("[templates.'b/{x}']", [(1, 12, "the document has no such template")]),
        ("database_backups = ['a/{x}/{y}', 'c']", [(1, 35, "the document has no such template")]),
        ("root = 's3/'", [(1, 9, "no template begins with this root")]),
    ],
)
def test_faults_of_bindings(bindings: str | bytes, expected: list[tuple[int, int, str]]) -> None:
    assert faults(ONE, bindings) == expected


def test_what_the_document_lacks_is_no_fault_of_bindings_that_serve_any_document() -> None:
    text = "root = 's3/'\ndatabase_backups = ['c']\n[templates.'b/{x}']\nfields.y = 'int'\n"
    assert faults(ONE, text, strict=False) == []
    assert len(faults(ONE, text, strict=True)) == 3
    assert faults(ONE, text.replace("int", "integer"), strict=False) == [(4, 13, "there is no field kind `integer`")]


def test_all_faults_of_both_files_at_once_document_first() -> None:
    with pytest.raises(SpecificationError) as caught:
        compile_specification(Source("z.md", b"- `{`: a\n- `}`: b"), Source("a.toml", b"q = 1\np = 2"))
    places = [(fault.file, fault.line) for fault in caught.value.faults]
    assert places == [("z.md", 1), ("z.md", 2), ("a.toml", 1), ("a.toml", 2)]
    assert all(fault.expected for fault in caught.value.faults)
    assert str(caught.value).count("expected ") == 4


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("- `a{`", 5, "    ^"),
        ("- 鍵 `{`", 6, "      ^"),
        ("-\t`{`", 4, " \t ^"),
        ("- e\u0301 `{`", 7, "     ^"),
        ("- \x1b[2J`{`", 8, "       ^"),
    ],
)
def test_the_caret_stands_under_the_column(line: str, column: int, caret: str) -> None:
    rendered = Fault("k.md", 1, column, "m", "e", line).render().split("\n")
    assert rendered[0] == f"k.md:1:{column}: DOC007 unreadable-document: m"
    assert rendered[2] == "    " + caret
    assert rendered[3] == "    expected e"
    assert "\x1b" not in "".join(rendered)


def test_an_error_survives_a_process_boundary() -> None:
    error = SpecificationError([Fault("a", 1, 1, "m", "e", "")])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults  # noqa: S301


def outcome(document: bytes, bindings: bytes | None, strict: bool) -> Specification | tuple[Fault, ...]:
    try:
        return compile_specification(Source("d", document), bindings and Source("b", bindings), strict=strict)
    except SpecificationError as error:
        return error.faults


def compiles_or_says_why(document: bytes, bindings: bytes | None, strict: bool) -> None:
    result = outcome(document, bindings, strict)
    if isinstance(result, Specification):
        assert result.families
        lines = re.split("\r\n|\n|\r", document.decode("utf-8-sig"))
        for remark in result.remarks:
            assert remark.source_line == lines[remark.line - 1]
            assert 1 <= remark.column <= len(remark.source_line) + 1
            assert (remark.message + remark.expected).isprintable()
        for part in (part for family in result.families for part in family.template.parts):
            begins = part.text[0] if isinstance(part, Literal) else "{"
            there = lines[part.line - 1][part.column - 1 :][:1]
            assert there == begins or (begins == " " and not there.strip())  # a wrapped line ends in a blank
        return
    assert result
    for fault in result:
        assert fault.line >= 1
        assert 1 <= fault.column <= len(fault.source_line) + 1 or not fault.source_line
        assert fault.render()


SHIPPED = file_service()
PIECES = [
    "- `",
    "`",
    "{",
    "}",
    ":",
    "\n",
    " ",
    "a/",
    "/",
    "x",
    "  ",
    "*",
    "> ",
    "1. ",
    "[",
    "](db/t.md)",
    "\\",
    "\t",
    "é",
    "\r",
    "`: ",
    " - ",
    "[../db/t.md]",
    "**",
    "<x>",
    "$",
    "# ",
    "|",
    "```\n",
]
TOML = [
    "[",
    "]",
    "templates",
    ".",
    "'a/{x}'",
    "=",
    "{",
    "}",
    '"',
    "'",
    "\n",
    ",",
    "fields",
    "rows",
    "x",
    "int",
    "1",
    "#",
    '"""',
    "true",
]
fragments = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode())
toml_fragments = st.lists(st.sampled_from(TOML), max_size=20).map(lambda parts: "".join(parts).encode())


@settings(max_examples=examples(300), deadline=None)
@given(fragments | st.binary(max_size=60), st.none() | toml_fragments | st.binary(max_size=40), st.booleans())
@example(b"- `a/{x}`: b", b"x = " + b"9" * 5000, True)
@example(b"- `a/{x}`: b", b"x = 2024-02-30", True)
@example(b"- `a/{x}`: b", b"root = '''\r\n'''\r\n[ignore]\r\nglobs = [\"\"\"a\"\"\"\"\", 'b']", True)
@example(b"[" * 5000, None, False)
@example(b"- " * 3000 + b"`a/{x}`: b", None, False)
@example(b"> " * 3000 + b"- `a/{x}`: b", None, False)
def test_any_bytes_compile_or_say_why(document: bytes, bindings: bytes | None, strict: bool) -> None:
    compiles_or_says_why(document, bindings, strict)


SPANS = ["a/{x}", "a/{x}/{y z}.b", "{x}", "s/<x>/$y/:z/%s/YYYY", "${x}/*", "a {\n  x}", "a", "", " ", "{", "x/}", "a`b"]
AFTER = [": prose", " - prose", "", ":", " : x", "**: bold", "\n  next line", " `b/{c}`: x", "[t](../db/t.md): x"]
PROSE = ["", " See [../db/t.md], [u](../db/u.md)", " NOTE: it\n  may vary", "\n\n  second `c/{d}`: x", "\n  - nested"]
AROUND = ["- {}", "1. {}", "> * {}", "- {}\n\n", "  - {}", "## {}", "| {} | b |", "{}", "```\n{}\n```", "<!-- {} -->"]


@st.composite
def near_documents(draw: st.DrawFn) -> str:
    """Blocks that are list items with a template, or nearly so."""
    blocks = []
    for _ in range(draw(st.integers(1, 6))):
        fence = draw(st.sampled_from(["`", "``", "**`", "\\`", ""]))
        span = fence + draw(st.sampled_from(SPANS)) + fence.strip("*\\")
        item = span + draw(st.sampled_from(AFTER)) + draw(st.sampled_from(PROSE))
        blocks.append(draw(st.sampled_from(AROUND)).replace("{}", item))
    return draw(st.sampled_from(["\n", "\r\n", "\r"])).join("\n".join(blocks).split("\n")) + "\n"


@settings(max_examples=examples(200), deadline=None)
@given(near_documents(), st.booleans())
def test_near_documents_compile_or_say_why(text: str, strict: bool) -> None:
    compiles_or_says_why(text.encode(), SHIPPED.bindings.data, strict=strict)


@settings(max_examples=examples(80), deadline=None)
@given(st.data())
def test_a_damaged_file_compiles_or_says_why(data: st.DataObject) -> None:
    original = list(SHIPPED)
    damaged = data.draw(st.integers(0, 1))
    content = bytearray(original[damaged].data)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"{", b"`", b"\n", b'"', b"]"])
        )
    original[damaged] = Source("damaged", bytes(content))
    compiles_or_says_why(original[0].data, original[1].data, strict=True)
