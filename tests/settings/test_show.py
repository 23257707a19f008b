"""`auditor config show`: TOML to paste, or JSON."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli import main
from auditor.cli.config import toml_value
from auditor.cli.settings.environment import variables
from auditor.cli.settings.schema import leaves, parameters
from tests.scanning import auditor
from tests.settings.working import Working

SHOWN = """\
# settings file: auditor.toml
# --config not set                          # default
# --isolated false                          # default

[spec.check]
spec = "keys.md"                            # auditor.toml:2
bindings = "none"                           # environment AUDITOR_BINDINGS
select = ["DOC001", "DOC002"]               # auditor.toml:3
# ignore =                                  # default: not set
fail-on = "warning"                         # default
format = "text"                             # default
"""


def test_the_whole_output(working: Working) -> None:
    working.write('[spec.check]\nspec = "keys.md"\nselect = ["DOC001", "DOC002"]\n')
    working.set(AUDITOR_BINDINGS="none")
    lines = auditor("config", "show", "spec", "check").stdout.replace(f"{working.folder}/", "").splitlines()
    assert [line.split() for line in lines] == [line.split() for line in SHOWN.splitlines()]


def test_what_is_shown_can_be_pasted_into_a_file_and_changes_nothing(working: Working) -> None:
    working.write('[scan]\nbucket = "s3://x"\nworkers = 3\nignore = ["KEY005"]\n')
    before = working.shown()
    text = auditor("config", "show").stdout
    assert tomllib.loads(text)["scan"]["workers"] == 3
    working.write(text)
    assert {name: value for name, (value, _) in working.shown().items()} == {
        name: value for name, (value, _) in before.items()
    }


def test_json(working: Working) -> None:
    working.write('[scan]\ndb = "mysql://me:pw@h/d"\n')
    data = json.loads(
        auditor("--config", str(working.folder / "auditor.toml"), "config", "show", "scan", "--format", "json").stdout
    )
    path = str(working.folder / "auditor.toml")
    assert data["file"] == path
    assert data["global"][0] == {"name": "config", "value": path, "origin": "command line", "secret": False}
    assert data["settings"][1] == {
        "command": "scan",
        "name": "db",
        "value": "mysql://***@h/d",
        "origin": f"{path}:2",
        "secret": True,
    }


def test_every_option_of_every_command_is_shown(working: Working) -> None:
    data = json.loads(auditor("config", "show", "--format", "json").stdout)
    found = {(one["command"], one["name"]) for one in data["settings"]}
    assert found == {(" ".join(names), name) for names, command in leaves(main) for name in parameters(command)}
    assert {("scan", "bucket"), ("scan", "no-content"), ("spec drift", "min-objects"), ("check-keys", "nul")} <= found


def test_a_misspelt_variable_is_told_of(working: Working) -> None:
    working.set(AUDITOR_MINAGE="1h", AUDITOR_CONFIG_SHOW_FORMAT="json", AUDITOR_ISOLATED="0")
    assert auditor("config", "show", "scan").stderr == (
        "auditor: AUDITOR_MINAGE is set, and nothing reads it: expected one that is there, such as `AUDITOR_MIN_AGE`\n"
    )


def test_an_unknown_command(working: Working) -> None:
    assert "there is no command 'spce'" in working.refused("config", "show", "spce")


def test_no_variable_means_two_things() -> None:
    """One that several commands read is, in each, the option of the same name, taking the same."""
    meant: dict[str, set[str]] = {}
    for _, command in leaves(main):
        for param in parameters(command).values():
            said = {key: value for key, value in param.to_info_dict().items() if key in ("opts", "type", "multiple")}
            for variable in variables(param):
                meant.setdefault(variable, set()).add(json.dumps(said, sort_keys=True, default=str))
    assert {variable for variable, meanings in meant.items() if len(meanings) > 1} == set()
    assert {"AUDITOR_MIN_AGE", "AUDITOR_BUCKET", "AUDITOR_DB", "AUDITOR_PENDING", "AUDITOR_FORMAT"} <= set(meant)


@given(st.text() | st.booleans() | st.integers() | st.lists(st.text()))
def test_values_survive(value: str | bool | int | list[str]) -> None:
    text = toml_value(value)
    assert text.isprintable()
    assert tomllib.loads(f"x = {text}")["x"] == value


@pytest.mark.parametrize("value", ["\u202e", "\x7f", "\x1b[2J", "\U000e0001"])
def test_what_moves_a_cursor_is_escaped(value: str) -> None:
    assert toml_value(value).isascii()
