"""`[references]` of the bindings: what is read, and what is refused with its place."""

from __future__ import annotations

import pytest

from auditor.spec import Source, SpecificationError, compile_specification
from auditor.spec.references import References, Superseded

DOCUMENT = Source("keys.md", b"- `f/{name}`: a file.\n- `g/{name}`: another.\n")
WHOLE = """
[references]
files = "files"
uses = ["pages"]
libraries = ["albums"]
owners = ["images"]
[references.dependants]
exports = "image_id"
[references.superseded]
a = { newest = "at" }
b = { newest = "at", per = "page_id" }
[references.columns]
"pages.cover" = "files.uid"
[references.texts]
"notes.*" = { "uid(if)" = "images.uid", key = "files.key" }
[templates."g/{name}"]
rows = "required"
references = "elsewhere"
"""


def test_all_of_it() -> None:
    read = compile_specification(DOCUMENT, Source("keys.toml", WHOLE.encode()))
    assert read.references == References(
        "files",
        ("pages",),
        ("albums",),
        ("images",),
        {"exports": "image_id"},
        {"a": Superseded("at"), "b": Superseded("at", "page_id")},
        {("pages", "cover"): ("files", "uid")},
        {("notes", "*"): {"oseh_if_": ("images", "uid"), "key": ("files", "key")}},
    )
    assert [family.referenced_elsewhere for family in read.families] == [False, True]


def test_none_of_it() -> None:
    assert compile_specification(DOCUMENT, Source("keys.toml", b"")).references is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[references]\nuse = []", 2, "unknown key"),
        ("[references]\nuses = ['a b']", 2, "no name of a table"),
        ("[references]\nuses = ['a']\nowners = ['a']", 1, "two places"),
        ("[references]\nfiles = 7", 2, "no name of a table"),
        ("[references.dependants]\na = 'x y'", 2, "no name of a table"),
        ("[references.superseded]\na = { per = 'x' }", 2, "no column `newest`"),
        ("[references.columns]\n'a.b' = 'c'", 2, "no column"),
        ("[references.columns]\n'a' = 'c.d'", 2, "no column"),
        ("[references.texts]\n'a.b' = { 'token(8)' = 'c.d' }", 2, "cannot be found in a text"),
        ("[references.texts]\n'a.b' = { 'uid(if)?' = 'c.d' }", 2, "cannot be found in a text"),
        ("[references.texts]\n'a.b' = { key = '*.d' }", 2, "no column"),
        ("[templates.'f/{name}']\nreferences = 'here'", 2, "is not `elsewhere`"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(text: str, line: int, message: str) -> None:
    with pytest.raises(SpecificationError) as raised:
        compile_specification(DOCUMENT, Source("keys.toml", text.encode()))
    (fault, *_) = raised.value.faults
    assert fault.location.line == line
    assert message in fault.message
