"""What is wrong in auditor.toml, all of it at once, with place and nearest name, and without what may be a secret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.cli import main
from auditor.cli.config import toml_value
from auditor.cli.settings.schema import shape_of
from auditor.settings import SettingsError, read_settings
from auditor.settings.faults import about_syntax
from auditor.spec.faults import Fault
from tests.scanning import auditor
from tests.settings.working import Working

SHAPE = shape_of(main)

BROKEN = """\
speed = 1
[scna]
x = 1
[scan]
bukcet = "s3://hunter2"
db = ["mysql://me:hunter2@h/d"]
min_age = "2x"
min-age = "3d"
workers = 500
format = "csv"
select = ["KEY", ["REF"]]
no-content = "yes"
out = ""
[spec]
fail-on = "hunter2"
[spec.chekc]
[report]
format = { pw = "hunter2", foo = 1 }
"""

SAID = """\
auditor.toml:1:1: there is no setting `speed`
    speed = …
    ^
    expected it in the table of a command, such as `[scan]`

auditor.toml:2:2: there is no table `scna`
    [scna]
     ^
    expected one that is there, such as `scan`

auditor.toml:5:1: there is no setting `bukcet` in `scan`
    bukcet = …
    ^
    expected one that is there, such as `bucket`

auditor.toml:6:1: `db` has a value that it does not take
    db = …
    ^
    expected a text, such as `"a"`, or a number

auditor.toml:7:12: `min_age` is refused: '2x' is not a duration such as 60s, 15m, 24h or 7d
    min_age = "2x"
               ^
    expected a value that --min-age takes

auditor.toml:8:1: `min-age` sets what `min_age` has set
    min-age = …
    ^
    expected one of the two

auditor.toml:9:11: `workers` is refused: 500 is not in the range 1<=x<=256
    workers = 500
              ^
    expected a value that --workers takes

auditor.toml:10:11: `format` is not a list
    format = "csv"
              ^
    expected a list of texts, such as `["a", "b"]`

auditor.toml:11:18: `select` is neither a text nor a number
    select = ["KEY", […
                     ^
    expected a text, such as `"a"`, or a number

auditor.toml:12:15: `no-content` is neither true nor false
    no-content = "yes"
                  ^
    expected `true` or `false`

auditor.toml:13:8: `out` is empty
    out = ""
           ^
    expected a text that is not empty, or no such line

auditor.toml:15:1: there is no setting `fail-on` in `spec`
    fail-on = …
    ^
    expected it in the table of a command, such as `[spec.check]`

auditor.toml:16:7: there is no table `chekc` in `spec`
    [spec.chekc]
          ^
    expected one that is there, such as `check`

auditor.toml:18:10: `format` is not a list
    format = {…
             ^
    expected a list of texts, such as `["a", "b"]`

14 fault(s) in the settings: nothing was done
"""


def test_all_faults_at_once(working: Working) -> None:
    """The whole output; and whatever command it is, since a nightly audit should not be the first to hear of it."""
    working.write(BROKEN)
    assert working.refused("rules") == SAID
    assert working.refused("scan", "file:///nowhere") == SAID


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('db = "mysql://me:hunter2@h', "auditor.toml:2:27: not TOML: illegal character '\\n'"),
        ('db = "mysql://me:hunter2@h"  hunter2', "auditor.toml:2:30: not TOML: expected newline or end of document"),
        ("select = [\n'hunter2',\nhunter2]", "auditor.toml:4:1: not TOML: invalid value"),
        ('db = "hunter2"\ndb = "hunter2"', "auditor.toml:3:15: not TOML: cannot overwrite a value"),
        ('db = """hunter2\nhunter2\\q"""', "auditor.toml:3:"),
        ('db = "hunter2\xff"', None),
    ],
)
def test_no_secret_where_the_text_is_no_toml(working: Working, line: str, said: str | None) -> None:
    path = working.write("")
    path.write_bytes(b"[scan]\n" + line.encode("latin-1") + b"\n")
    told = working.refused("scan")
    assert told.startswith(said or "auditor.toml:2:14: byte 0xff is not UTF-8")
    assert "hunter2" not in told
    assert told.endswith("1 fault(s) in the settings: nothing was done\n")


@given(st.text(max_size=20), st.integers(1, 40))
def test_an_excerpt_never_shows_more_than_names(value: str, column: int) -> None:
    secret = f"hunter2{value}"
    line = f'  slack-url = "{secret}"'
    shown = about_syntax(Fault("f", 1, min(column, len(line) + 1), "m", "e", line))
    assert "hunter" not in shown.render_plain()
    assert "slack-url = " in shown.source_line


def test_a_value_that_was_not_typed_is_named_with_its_source(working: Working) -> None:
    working.set(AUDITOR_WORKERS="many")
    assert working.refused("scan", "file:///x").endswith(
        "'--workers': 'many' is not a valid integer range (set by environment AUDITOR_WORKERS)\n"
    )
    assert "(set by environment AUDITOR_WORKERS)" in working.refused("config", "show", "scan")


def test_a_path_that_is_missing_is_told_by_the_command_that_needs_it(working: Working) -> None:
    working.write('[spec.show]\nspec = "keys.md"\n')
    assert auditor("rules").exit_code == 0
    assert working.refused("spec", "show").startswith("auditor: keys.md cannot be read")


def test_a_long_line_of_hostile_text_moves_no_cursor(working: Working) -> None:
    working.write('[scan]\n"\\u001b[2Jx" = 1\n')
    said = working.refused("rules")
    assert "\x1b" not in said
    assert "there is no setting `\\x1b[2Jx` in `scan`" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "scan = 3",
            "auditor.toml:1:1: `scan` is not a table\n    scan = …\n    ^\n    expected a table, such as `[scan]`",
        ),
        ("[[scan]]\nx = 1", "auditor.toml:1:3: `scan` is not a table\n    [[scan]]\n      ^\n"),
        ('spec.show = "json"', "auditor.toml:1:6: `show` is not a table\n         show = …\n         ^\n"),
        ("scan = { pw = 'hunter2', workers = 0 }", "auditor.toml:1:10: there is no setting `pw` in `scan`\n"),
    ],
)
def test_tables_that_are_none(working: Working, text: str, said: str) -> None:
    working.write(text)
    told = working.refused("rules")
    assert told.startswith(said)
    assert "hunter2" not in told


VALUES = st.recursive(
    st.text(max_size=5) | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["scan", "spec", "check", "min-age", "min_age", "select", "no-content", "db", "wrong", ""])


def inline(value: object) -> str:
    """TOML of a value, tables as inline ones."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_value(key)} = {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return toml_value(value)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4) | VALUES, max_size=4), st.booleans())
def test_whatever_the_file_says_is_a_setting_or_a_fault_of_a_line(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, object], tables: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    lines = [
        f"[{toml_value(name)}]\n" + "".join(f"{toml_value(key)} = {inline(one)}\n" for key, one in value.items())
        if tables and isinstance(value, dict)
        else f"{toml_value(name)} = {inline(value)}\n"
        for name, value in sorted(content.items(), key=lambda item: isinstance(item[1], dict))
    ]
    path.write_text("".join(lines), encoding="utf-8")
    faults: tuple[Fault, ...] = ()
    try:
        read_settings(path, SHAPE)
    except SettingsError as error:
        faults = error.faults
    count = path.read_text(encoding="utf-8").count("\n") + 1
    assert all(1 <= fault.line <= count and fault.message for fault in faults)
