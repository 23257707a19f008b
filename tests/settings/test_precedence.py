"""Flags over environment over file over defaults, and which file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.settings import find_file
from tests.scanning import auditor
from tests.settings.working import Working


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Two keys that the document does not know."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(b"x")
    return folder


def exit_code(*arguments: str) -> int:
    return auditor(*arguments).exit_code


def test_a_scheduler_needs_no_argument(working: Working, bucket: Path) -> None:
    working.write(f'[scan]\nbucket = "file://{bucket}"\ndb = "none"\nout = "runs/one"\nformat = ["terminal"]\n')
    result = auditor("scan")
    assert result.exit_code == 1
    out = working.folder / "runs" / "one"
    assert sorted(path.name for path in out.iterdir() if path.is_file() and path.suffix in {".html", ".json"}) == [
        "summary.json"
    ]
    assert f"wrote {out}/findings.csv" in result.stdout


def test_each_wins_over_the_next(working: Working, bucket: Path) -> None:
    """By what the command does, not by what `config show` says of it."""
    scan = ("scan", f"file://{bucket}", "--db", "none", "--min-age", "0s", "--no-content", "--format", "json")
    assert exit_code(*scan, "--out", str(working.folder / "1")) == 1
    working.write('[scan]\nfail-on = "error"\n')
    assert exit_code(*scan, "--out", str(working.folder / "2")) == 0
    working.set(AUDITOR_FAIL_ON="warning")
    assert exit_code(*scan, "--out", str(working.folder / "3")) == 1
    assert exit_code(*scan, "--out", str(working.folder / "4"), "--fail-on", "error") == 0


def test_a_list_of_a_stronger_source_replaces_that_of_a_weaker(working: Working) -> None:
    working.write('[scan]\nselect = ["KEY", "REF"]\n')
    assert working.shown("scan")["select"] == (["KEY", "REF"], "auditor.toml:2")
    working.set(AUDITOR_SELECT="EMB BAK001")
    assert working.shown("scan")["select"] == (["EMB", "BAK001"], "environment AUDITOR_SELECT")


def test_a_flag_for_contents_wins_over_a_file_without_them(working: Working, bucket: Path) -> None:
    working.write('[scan]\nno-content = true\ndb = "none"\nformat = ["csv"]\n')
    auditor("scan", f"file://{bucket}", "--out", str(working.folder / "none"))
    assert not (working.folder / "contents.sqlite").exists()
    auditor("scan", f"file://{bucket}", "--out", str(working.folder / "full"), "--content", "full")
    assert (working.folder / "contents.sqlite").exists()  # what was read, and when


def test_findings_can_be_no_reason_to_fail(working: Working, bucket: Path) -> None:
    scan = ("scan", f"file://{bucket}", "--db", "none", "--min-age", "0s", "--format", "csv", "--exit-zero")
    assert exit_code(*scan, "--out", str(working.folder / "1")) == 0
    assert exit_code(*scan[:1], "file:///nonexistent", *scan[2:], "--out", str(working.folder / "2")) == 2


def test_the_first_file_upwards_is_the_only_one(working: Working) -> None:
    working.write('[scan]\nmin-age = "1h"\nsettle = "1s"\n')
    assert working.shown("scan")["min-age"] == ("1h", "auditor.toml:2")
    working.write('[scan]\nmin-age = "2h"\n', name="some/auditor.toml")
    shown = working.shown("scan")
    assert shown["min-age"] == ("2h", "some/auditor.toml:2")
    assert shown["settle"] == ("60s", "default")


def test_nothing_but_the_root_ends_the_search(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    (deep / ".git").mkdir(parents=True)
    (tmp_path / "a" / "auditor.toml").mkdir()  # a folder is no file
    (tmp_path / "auditor.toml").touch()
    assert find_file(deep) == tmp_path / "auditor.toml"


def test_a_named_file_is_used_instead(working: Working) -> None:
    working.write('[scan]\nmin-age = "1h"\n')
    other = working.write('[scan]\nmin-age = "3h"\n', name="other.toml")
    working.set(AUDITOR_CONFIG=str(other))
    assert working.shown("scan")["min-age"] == ("3h", "other.toml:2")


def test_isolated_ignores_every_file_and_no_variable(working: Working) -> None:
    other = working.write('[scan]\nmin-age = "3h"\nsettle = "1s"\n')
    working.set(AUDITOR_CONFIG=str(other), AUDITOR_SETTLE="2s")
    shown = auditor("--isolated", "config", "show", "scan").stdout
    assert '\nmin-age = "24h" ' in shown
    assert '\nsettle = "2s" ' in shown
    assert "# settings file: none\n" in shown
    assert "# --isolated true                           # command line\n" in shown
    assert "environment AUDITOR_CONFIG\n" in shown


def test_isolated_and_a_file_are_not_asked_for_at_once(working: Working) -> None:
    assert "--isolated uses no settings file" in working.refused("--isolated", "--config", "x.toml", "rules")


def test_a_named_file_that_is_not_there_is_not_passed_over(working: Working) -> None:
    said = working.refused("--config", "nowhere.toml", "rules")
    assert said == (
        "auditor: nowhere.toml cannot be read (No such file or directory): "
        "name another file with --config, or use none with --isolated\n"
    )


def test_paths_of_the_file_start_at_its_folder(working: Working) -> None:
    working.write(
        '[scan]\nspec = "keys.md"\nbindings = "b.toml"\ncontent-state = "none"\nout = "/abs"\ndb = "sqlite:///a.db"\n'
    )
    shown = {name: value for name, (value, _) in working.shown("scan").items()}
    assert shown["spec"] == "keys.md"  # `shown` cuts the folder off
    assert str(working.folder / "keys.md") in auditor("config", "show", "scan").stdout
    assert shown["bindings"] == "b.toml"
    assert shown["content-state"] == "none"
    assert shown["out"] == "/abs"
    assert f'"sqlite:///{working.folder}/a.db"' in auditor("config", "show", "scan").stdout


def test_paths_of_the_environment_start_at_the_working_folder(working: Working) -> None:
    working.set(AUDITOR_SPEC="keys.md")
    assert "keys.md cannot be read" in working.refused("spec", "show")


def test_both_spellings_serve(working: Working) -> None:
    working.write("[scan]\nmin_age = 90\n[check-keys]\nnul = true\n")
    assert working.shown("scan")["min-age"] == ("90", "auditor.toml:2")
    assert working.shown("check-keys")["nul"] == (True, "auditor.toml:4")


def test_settings_of_a_command_are_no_others(working: Working) -> None:
    working.write('[spec.show]\nformat = "json"\n')
    assert auditor("spec", "show").stdout.startswith("{")
    assert working.shown("explain")["format"] == ("text", "default")


def test_the_environment_of_a_command(working: Working) -> None:
    """AUDITOR_FORMAT is of scan; a command whose option is another one has a name of its own."""
    working.set(AUDITOR_FORMAT="html csv", AUDITOR_EXPLAIN_FORMAT="json", AUDITOR_BINDINGS="none")
    assert working.shown("scan")["format"] == (["html", "csv"], "environment AUDITOR_FORMAT")
    assert working.shown("check-keys")["format"] == ("text", "default")
    assert working.shown("explain")["format"] == ("json", "environment AUDITOR_EXPLAIN_FORMAT")
    assert working.shown("explain")["bindings"] == ("none", "environment AUDITOR_BINDINGS")
    working.set(AUDITOR_EXPLAIN_BINDINGS="mine.toml")
    assert working.shown("explain")["bindings"] == ("mine.toml", "environment AUDITOR_EXPLAIN_BINDINGS")
    assert working.shown("scan")["bindings"] == ("none", "environment AUDITOR_BINDINGS")


def test_help_is_the_same_whatever_is_set_and_however_broken(working: Working) -> None:
    without = [auditor(*command, "--help").stdout for command in (["scan"], ["spec", "check"])]
    working.write('[scan]\ndb = "mysql://me:hunter2@h/d"\nmin-age = "5d"\n[spec.check]\nfail-on = "error"\n')
    assert [auditor(*command, "--help").stdout for command in (["scan"], ["spec", "check"])] == without
    working.write("[[")
    assert [auditor(*command, "--help").stdout for command in (["scan"], ["spec", "check"])] == without
    assert auditor("rules").exit_code == 2
