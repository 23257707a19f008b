"""`auditor spec check`: the whole output, as text and as data, and the exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanning import auditor

DOCUMENT = """\
# Keys

- `audio/{uid}/hls/{name}.ts`: a segment, see [../db/parts.md]
- `audio/originals/{uid}/{name}`: an original
- `logs/{day}{hour}.txt`: a log
- `notes/{tag}.txt` - a note
"""
BINDINGS = """\
[templates."audio/{uid}/hls/{name}.ts"]
rows = "required"

[templates."audio/originals/{uid}/{name}"]
rows = "none"
fields = { uid = "uid(cf)" }

[templates."logs/{day}{hour}.txt"]
fields.day = "int"
"""
CHECKED = """\
keys.md:3:47: DOC006 doubtful-markup: `[../db/parts.md]` is no link; it is understood as naming the table `parts`
    - `audio/{uid}/hls/{name}.ts`: a segment, see [../db/parts.md]
                                                  ^
    expected `[parts](../db/parts.md)`

keys.md:5:4: DOC005 unmanaged-family: nothing says whether the objects of `logs/{day}{hour}.txt` need rows
    - `logs/{day}{hour}.txt`: a log
       ^
    expected `rows = "required"` or `rows = "none"` for the template in the bindings

keys.md:5:14: DOC001 overlapping-templates: where `day` ends and `hour` begins is not certain: \
`00a` can be read as `00` + `a` or as `0` + `0a`
    - `logs/{day}{hour}.txt`: a log
                 ^
    witness `logs/00a.txt`

keys.md:6:20: DOC006 doubtful-markup: `notes/{tag}.txt` is followed by a dash, so it is not read as a template
    - `notes/{tag}.txt` - a note
                       ^
    expected a colon directly after the code span, if it is one

keys.md:3: `audio/{uid}/hls/{name}.ts`
  {uid}   segment   by default: nothing binds it
  {name}  segment   by default: nothing binds it
  rows    required  keys.toml:2:1

keys.md:4: `audio/originals/{uid}/{name}`
  {uid}   uid(cf)  keys.toml:6:12
  {name}  segment  by default: nothing binds it
  rows    none     keys.toml:5:1

keys.md:5: `logs/{day}{hour}.txt`
  {day}   int        keys.toml:9:8
  {hour}  segment    by default: nothing binds it
  rows    unmanaged  by default: nothing says it

3 templates, 2 fields bound, 4 unbound: 0 errors, 2 warnings, 2 remarks
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys.md").write_text(DOCUMENT)
    (tmp_path / "keys.toml").write_text(BINDINGS)
    return tmp_path


def check(*arguments: str) -> Result:
    return auditor("spec", "check", "--spec", "keys.md", "--bindings", "keys.toml", *arguments)


def test_text(folder: Path) -> None:
    result = check()
    assert result.stdout == CHECKED
    assert (result.exit_code, result.stderr) == (1, "")


def test_the_documentation_shows_what_is_said(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "specification.md").read_text(encoding="utf-8")
    section = page[page.index("## Checking the document") :]
    document, bindings, output = re.findall(r"```(?:markdown|toml|console)\n(.*?)```\n", section, re.DOTALL)[:3]
    (folder / "keys.md").write_text(document)
    (folder / "keys.toml").write_text(bindings)
    assert f"$ auditor spec check --spec keys.md --bindings keys.toml\n{check().stdout}" == output


def test_data(folder: Path) -> None:
    result = check("--format", "json")
    entries = json.loads(result.stdout)
    assert [list(entry) for entry in entries] == [
        ["code", "file", "line", "column", "message", "witness", "severity", "name"]
    ] * len(entries)
    assert [(entry["code"], entry["line"], entry["column"], entry["witness"]) for entry in entries] == [
        ("DOC006", 3, 47, None),
        ("DOC005", 5, 4, None),
        ("DOC001", 5, 14, "logs/00a.txt"),
        ("DOC006", 6, 20, None),
    ]
    assert entries[0] == {
        "code": "DOC006",
        "file": "keys.md",
        "line": 3,
        "column": 47,
        "message": "`[../db/parts.md]` is no link; it is understood as naming the table `parts`; "
        "expected `[parts](../db/parts.md)`",
        "witness": None,
        "severity": "info",
        "name": "doubtful-markup",
    }
    assert result.exit_code == 1


def test_faults_of_both_files_are_shown_at_once_on_standard_output(folder: Path) -> None:
    (folder / "keys.md").write_text("- `a/{b`: one\n- `c/{d}`: two\n- `c/{e}`: three\n")
    (folder / "keys.toml").write_text("root = 7\n")
    result = check()
    assert result.stdout == (
        "keys.md:1:6: DOC007 unreadable-document: `{` without `}`\n"
        "    - `a/{b`: one\n"
        "         ^\n"
        "    expected a field, such as `{name}`\n"
        "\n"
        "keys.md:3:4: DOC002 duplicate-template: the same template but for field names as in line 2\n"
        "    - `c/{e}`: three\n"
        "       ^\n"
        "    expected each template once\n"
        "\n"
        "keys.toml:1:8: DOC007 unreadable-document: `root` is not a text\n"
        "    root = 7\n"
        "           ^\n"
        "    expected a string that is not empty\n"
        "\n"
        "3 errors, 0 warnings, 0 remarks: this cannot be compiled\n"
    )
    assert (result.exit_code, result.stderr) == (2, "")
    shown = auditor("spec", "show", "--spec", "keys.md", "--bindings", "keys.toml")
    assert shown.stderr == result.stdout.rsplit("\n", 2)[0] + "\n3 fault(s): the run did not start\n"


def test_two_templates_that_share_a_key_are_proved_to(folder: Path) -> None:
    (folder / "keys.md").write_text(
        "- `a/{x}/b/{y}`: one\n- `a/c/{x}/{y}`: two\n- `{x}-{y}`: three\n- `{x}_{y}`: four\n"
    )
    entries = json.loads(auditor("spec", "check", "--spec", "keys.md", "--select", "DOC001", "--format", "json").stdout)
    assert [(entry["line"], entry["column"], entry["witness"], entry["message"]) for entry in entries] == [
        (
            2,
            4,
            "a/c/b/a",
            "`a/c/{x}/{y}` and `a/{x}/b/{y}` of line 1 both fit the key `a/c/b/a`; by precedence it belongs to `a/c`",
        ),
        (
            4,
            4,
            "a-_a",
            "`{x}_{y}` and `{x}-{y}` of line 3 both fit the key `a-_a`; "
            "nothing says which of them comes first, so it belongs to no family (KEY004)",
        ),
    ]
    witness = auditor("check-keys", "-", "--spec", "keys.md", "--format", "jsonl", stdin="a/c/b/a\na-_a\n").stdout
    assert [(json.loads(line)["family"], json.loads(line)["rule"]) for line in witness.splitlines()] == [
        ("a/c", None),
        (None, "KEY004"),
    ]


@pytest.mark.parametrize(
    ("arguments", "codes", "exit_code"),
    [
        ([], {"DOC001", "DOC005", "DOC006"}, 1),
        (["--select", "DOC006"], {"DOC006"}, 0),
        (["--select", "doubtful-markup", "--fail-on", "info"], {"DOC006"}, 1),
        (["--ignore", "DOC006"], {"DOC001", "DOC005"}, 1),
        (["--ignore", "DOC006", "--fail-on", "error"], {"DOC001", "DOC005"}, 0),
        (["--ignore", "DOC"], set(), 0),
        (["--select", "KEY"], set(), 0),
    ],
)
def test_selection_and_exit_code(folder: Path, arguments: list[str], codes: set[str], exit_code: int) -> None:
    result = check("--format", "json", *arguments)
    assert {entry["code"] for entry in json.loads(result.stdout)} == codes
    assert result.exit_code == exit_code


def test_a_fault_cannot_be_ignored(folder: Path) -> None:
    (folder / "keys.md").write_text("- `a/{b`: one\n")
    assert check("--ignore", "DOC").exit_code == 2
    assert check("--ignore", "DOC", "--format", "json").exit_code == 2


def test_files_and_rules_that_are_not_there(folder: Path) -> None:
    missing = auditor("spec", "check", "--spec", "nowhere.md")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "nowhere.md cannot be read" in missing.stderr
    assert "no rule has the code" in check("--select", "DOCX").stderr


def test_without_bindings_the_shipped_document_has_an_overlap_and_with_them_none() -> None:
    bare = auditor("spec", "check", "--bindings", "none", "--select", "DOC001", "--format", "json")
    assert "s3_files/audio/originals/hls/a.ts" in {entry["witness"] for entry in json.loads(bare.stdout)}
    assert bare.exit_code == 1
    bound = auditor("spec", "check", "--format", "json")
    assert (bound.exit_code, json.loads(bound.stdout)) == (0, [])


def test_a_long_line_is_cut_around_the_column(folder: Path) -> None:
    (folder / "keys.md").write_text("- " + "prose " * 100 + "`a/{`: " + "more " * 100 + "\n")
    (folder / "keys.toml").write_text("")
    line, caret = check().stdout.split("\n")[1:3]
    assert len(line) <= 160
    assert line[caret.index("^")] == "{"
    assert line.startswith("    …")
    assert line.endswith("…")


HOSTILE = st.text(st.sampled_from("`{}:-/a \n\x1b\u202e[]<>|$*é\x00\r\t\\"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(document=HOSTILE, items=st.lists(HOSTILE, max_size=3), form=st.sampled_from(["text", "json"]))
def test_nothing_that_a_document_holds_moves_a_cursor_or_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, document: str, items: list[str], form: str
) -> None:
    path = tmp_path_factory.mktemp("spec") / "keys.md"
    path.write_text("".join(f"- `{item}`: x\n" for item in items) + document, encoding="utf-8", newline="")
    result = auditor("spec", "check", "--spec", str(path), "--format", form)
    assert result.exit_code in {0, 1, 2}
    assert result.stderr == ""
    if form == "json":
        assert all(entry["file"] == str(path) for entry in json.loads(result.stdout))
    else:
        assert all(character.isprintable() or character in "\n\t" for character in result.stdout)
        assert "\u202e" not in result.stdout
