"""A stranger breaks the document or its bindings, and is told each time in one sentence where and what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from rules.shipped import file_service
from tests.scanning import auditor

MARK = "¦"  # stands where the column must be, and is taken out
DOCUMENT, BINDINGS = "keys.md", "keys.toml"
TEXTS = {DOCUMENT: file_service().document.data.decode(), BINDINGS: file_service().bindings.data.decode()}
UPLOADS = "s3_files/uploads/{upload_uid}/{part_number}/{random}"


class Break(NamedTuple):
    file: str
    old: str
    new: str
    code: str
    message: str


def line_of(file: str, text: str) -> int:
    return TEXTS[file][: TEXTS[file].index(text)].count("\n") + 1


FIELDS = "".join(f"{{{number}}}" for number in range(30))
SAME = line_of(DOCUMENT, UPLOADS)

BREAKS = {
    "unclosed brace": Break(
        DOCUMENT, "originals/{image_file_uid}", "originals/¦{image_file_uid", "DOC007", "`{` without `}`"
    ),
    "brace too much": Break(DOCUMENT, "{random}.{format}", "{random}¦}.{format}", "DOC007", "`}` without `{`"),
    "field without a name": Break(DOCUMENT, "{part_number}", "{¦ }", "DOC007", "the field has no name"),
    "two fields of one name": Break(
        DOCUMENT, "{part_number}", "¦{upload_uid}", "DOC007", "the template has two fields `upload_uid`"
    ),
    "too many fields": Break(
        DOCUMENT, f"{UPLOADS}`", f"{UPLOADS}{FIELDS[:-4]}¦{{29}}`", "DOC007", "the template has 33 fields"
    ),
    "too long": Break(
        DOCUMENT,
        f"`{UPLOADS}`",
        f"`¦{UPLOADS}{'x' * 1024}`",
        "DOC007",
        "the shortest key of this template has 1046 bytes",
    ),
    "empty template": Break(DOCUMENT, f"`{UPLOADS}`", "`¦ `", "DOC007", "the template is empty"),
    "not UTF-8": Break(DOCUMENT, "photograph", "ph¦\udcf3tograph", "DOC007", "byte 0xf3 is not UTF-8"),
    "the same template again": Break(
        DOCUMENT,
        "## Courses\n",
        f"## Courses\n\n- `¦{UPLOADS}`: again\n",
        "DOC002",
        f"the same template as in line {SAME}",
    ),
    "the same but for names": Break(
        DOCUMENT,
        "## Courses\n",
        "## Courses\n\n1. `¦s3_files/uploads/{a}/{b}/{c}`: again\n",
        "DOC002",
        f"the same template but for field names as in line {SAME}",
    ),
    "nothing left": Break(
        DOCUMENT, TEXTS[DOCUMENT], "¦# Keys\n\nNone so far.\n", "DOC007", "this document has no key template"
    ),
    "colons outside of a list": Break(
        DOCUMENT,
        TEXTS[DOCUMENT],
        "# Keys\n\n`¦a/{b}`: a paragraph\n",
        "DOC007",
        "this document has no key template; the nearest to one, `a/{b}`, stands in a paragraph",
    ),
    "no such template": Break(
        BINDINGS,
        f'[templates."{UPLOADS}"]',
        '[templates.¦"s3_files/upload/{upload_uid}/{part_number}/{random}"]',
        "DOC003",
        "the document has no such template",
    ),
    "no such field": Break(BINDINGS, "part_number =", "¦part_nr =", "DOC003", "the template has no field `part_nr`"),
    "no such owned field": Break(
        BINDINGS,
        "owners = { upload_uid",
        "owners = { ¦upload_id",
        "DOC003",
        "the template has no field `upload_id`",
    ),
    "no such kind": Break(BINDINGS, '"uid(s3fu)"', '"¦uuid(s3fu)"', "DOC003", "there is no field kind `uuid`"),
    "kind without its argument": Break(BINDINGS, '"uid(s3fu)"', '"uid¦"', "DOC003", "`uid` needs one prefix"),
    "kind with a wrong argument": Break(
        BINDINGS, '"token(8)"', '"token(¦eight)"', "DOC003", "`token` needs one number"
    ),
    "kind that is not closed": Break(BINDINGS, '"uid(s3fu)"', '"uid(s3fu¦"', "DOC003", "this is not a field kind"),
    "option twice": Break(
        BINDINGS, "choice(png, jpeg,", "choice(png, ¦png,", "DOC003", "the option `png` stands here twice"
    ),
    "no such row policy": Break(
        BINDINGS, 'rows = "required"', 'rows = "¦mandatory"', "DOC003", "there is no row policy `mandatory`"
    ),
    "no such root": Break(
        BINDINGS, 'root = "s3_files/"', 'root = "¦s3-files/"', "DOC003", "no template begins with this root"
    ),
    "no such backup": Break(
        BINDINGS,
        '    "s3_files/backup/database/{timestamp}.bak"',
        '    "¦s3_files/backup/database/{time}.bak"',
        "DOC003",
        "the document has no such template",
    ),
    "no name of a table": Break(
        BINDINGS, '["s3_file_upload_parts"]', '["¦upload parts"]', "DOC003", "`upload parts` is no name of a table"
    ),
    "no column": Break(
        BINDINGS, '"s3_file_uploads.uid"', '"¦s3_file_uploads"', "DOC003", "the owner of `upload_uid` is no column"
    ),
    "no such key": Break(
        BINDINGS, 'content_type = "content_type"', '¦mime = "content_type"', "DOC007", "unknown key `mime`"
    ),
    "not a list": Break(
        BINDINGS, 'tables = ["image_files"]', 'tables = "¦image_files"', "DOC007", "`tables` is not a list"
    ),
    "value without quotes": Break(
        BINDINGS, 'root = "s3_files/"', "root = ¦s3_files/", "DOC007", "not TOML: invalid value"
    ),
    "table twice": Break(
        BINDINGS, "[ignore]\n", "[rows¦]\n[ignore]\n", "DOC007", "not TOML: cannot declare ('rows',) twice"
    ),
    "bindings not UTF-8": Break(BINDINGS, "# --- uploads", "# --- ¦\udcfcploads", "DOC007", "byte 0xfc is not UTF-8"),
}

ODD = {
    "no colon": Break(
        DOCUMENT,
        "Journals\n",
        "Journals\n\n- `s3_files/journals/{uid}`¦ - the text\n",
        "DOC006",
        "`s3_files/journals/{uid}` is followed by a dash, so it is not read as a template",
    ),
    "no link": Break(
        DOCUMENT,
        "[export](../db/course_exports.md)",
        "¦[../db/course_exports.md]",
        "DOC006",
        "`[../db/course_exports.md]` is no link; it is understood as naming the table `course_exports`",
    ),
    "placeholder of a shell": Break(
        DOCUMENT,
        "Journals\n",
        "Journals\n\n- `s3_files/journals/¦$UID/{name}`: odd\n",
        "DOC006",
        "`$UID` is read as literal text",
    ),
}


def broken(what: Break, folder: Path) -> tuple[list[str], int, int]:
    """The arguments that name the files, and the line and column of the mark."""
    text = TEXTS[what.file]
    assert what.old in text, "the shipped file no longer has what is broken here"
    before, after = text.split(what.old, 1)
    marked = before + what.new + after
    offset = marked.index(MARK)
    for name, original in TEXTS.items():
        content = marked.replace(MARK, "") if name == what.file else original
        (folder / name).write_bytes(content.encode(errors="surrogateescape"))
    line_start = marked.rfind("\n", 0, offset) + 1
    arguments = ["--spec", str(folder / DOCUMENT), "--bindings", str(folder / BINDINGS)]
    return arguments, marked.count("\n", 0, offset) + 1, offset - line_start + 1


@pytest.mark.parametrize("what", BREAKS.values(), ids=BREAKS)
def test_a_fault_is_said_with_its_place(what: Break, tmp_path: Path) -> None:
    arguments, line, column = broken(what, tmp_path)
    result = auditor("spec", "check", *arguments)
    heading, *rest = result.stdout.split("\n")
    place, _, said = heading.partition(": ")
    assert place == f"{tmp_path / what.file}:{line}:{column}"
    assert said.split(" ", 1)[0] == what.code
    assert said.split(": ", 1)[1] == what.message
    assert rest[-2] == "1 error, 0 warnings, 0 remarks: this cannot be compiled"
    assert (result.exit_code, result.stderr) == (2, "")


@pytest.mark.parametrize("what", BREAKS.values(), ids=BREAKS)
def test_a_fault_is_the_same_as_data_and_for_a_scan(what: Break, tmp_path: Path) -> None:
    arguments, line, column = broken(what, tmp_path)
    (tmp_path / "bucket").mkdir()
    checked = auditor("spec", "check", *arguments, "--format", "json")
    (entry,) = json.loads(checked.stdout)
    assert {key: entry[key] for key in ("code", "file", "line", "column", "witness", "severity")} == {
        "code": what.code,
        "file": str(tmp_path / what.file),
        "line": line,
        "column": column,
        "witness": None,
        "severity": "error",
    }
    assert entry["message"].split("; expected ")[0] == what.message
    scanned = auditor("scan", f"file://{tmp_path / 'bucket'}", *arguments, "--out", str(tmp_path / "run"))
    assert scanned.exit_code == checked.exit_code == 2
    as_text = auditor("spec", "check", *arguments).stdout
    assert scanned.stderr.startswith(as_text.rsplit("\n\n", 1)[0])


@pytest.mark.parametrize("what", ODD.values(), ids=ODD)
def test_what_is_only_odd_is_remarked_on(what: Break, tmp_path: Path) -> None:
    arguments, line, column = broken(what, tmp_path)
    result = auditor("spec", "check", *arguments, "--ignore", "DOC005")
    said = f"{tmp_path / what.file}:{line}:{column}: {what.code} doubtful-markup: {what.message}"
    assert result.stdout.split("\n")[0] == said
    assert result.stdout.rstrip().endswith("0 errors, 0 warnings, 1 remark")
    assert result.exit_code == 0


def test_the_shipped_files_are_not_broken(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = auditor("spec", "check", "--spec", str(tmp_path / DOCUMENT), "--bindings", str(tmp_path / BINDINGS))
    assert result.exit_code == 0
    assert result.stdout.endswith("16 templates, 31 fields bound, 0 unbound: 0 errors, 0 warnings, 0 remarks\n")
