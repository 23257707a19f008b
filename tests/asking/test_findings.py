"""`auditor findings`: rules, states, and what the baseline suppresses."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.findings import State
from auditor.runs.asking.spool import FINDINGS
from tests.asking.folders import run_folder
from tests.reports.sample import STARTED, finding
from tests.scanning import auditor

NEW = replace(finding("REF001", "a/new", family="uploads"), state=State.NEW, first_seen=STARTED, nights=1)
KNOWN = replace(finding("REF003", "b/known", size=5_000), state=State.KNOWN, first_seen=STARTED, nights=7)
AGREED = replace(KNOWN, key="c/agreed", fingerprint="c" * 64, suppressed="agreed with the writers")
FIXED = finding("KEY001", "d/fixed", size=12)


@pytest.fixture
def run(tmp_path: Path) -> str:
    return str(run_folder(tmp_path / "run", (), [NEW, KNOWN, AGREED], fixed=[FIXED]))


def keys(*arguments: str) -> list[str]:
    result = auditor("findings", *arguments, "--format", "jsonl")
    assert result.exit_code == 0, result.stderr
    return [json.loads(line)["key"] for line in result.stdout.splitlines()]


def test_the_table(run: str) -> None:
    result = auditor("findings", run, "--suppressed")
    assert result.stderr == ""
    assert result.stdout == (
        f"RULE    STATE            SIZE  MODIFIED          FAMILY{' ' * 20}KEY, OR MESSAGE WHERE THERE IS NONE\n"
        "REF001  new           24.6 kB  2026-02-02 03:29  uploads                   a/new\n"
        "REF003  known          5.0 kB  2026-02-02 03:29  -                         b/known\n"
        "REF003  suppressed     5.0 kB  2026-02-02 03:29  -                         c/agreed\n"
    )


def test_what_is_suppressed_is_counted(run: str) -> None:
    result = auditor("findings", run, "--format", "jsonl")
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["a/new", "b/known"]
    assert result.stderr == "1 suppressed by the baseline: --suppressed shows them, too\n"
    assert auditor("findings", run, "--rule", "REF001").stderr == ""  # none of these is hidden


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--new",), ["a/new"]),
        (("--state", "known"), ["b/known"]),
        (("--state", "known", "--suppressed"), ["b/known", "c/agreed"]),
        (("--state", "suppressed"), ["c/agreed"]),
        (("--state", "new", "--state", "fixed"), ["a/new", "d/fixed"]),
        (("--state", "fixed"), ["d/fixed"]),
        (("--rule", "REF"), ["a/new", "b/known"]),
        (("--rule", "orphan-object", "--suppressed"), ["a/new"]),
        (("--sort", "size"), ["b/known", "a/new"]),
        (("--larger-than", "5kB"), ["a/new"]),
    ],
)
def test_what_is_asked_for_is_told(run: str, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert keys(run, *arguments) == expected


def test_without_a_history_nothing_is_new(tmp_path: Path) -> None:
    run = str(run_folder(tmp_path / "run", (), [replace(NEW, state=None)]))
    assert keys(run) == ["a/new"]
    assert keys(run, "--state", "suppressed") == []
    result = auditor("findings", run, "--new")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "was not compared with the runs before it" in result.stderr


def test_csv_has_every_column(run: str) -> None:
    rows = list(csv.DictReader(io.StringIO(auditor("findings", run, "--format", "csv").stdout)))
    assert list(rows[0]) == FINDINGS.names
    assert (rows[0]["state"], rows[0]["nights"], rows[0]["suppressed"]) == ("new", "1", "")
    assert rows[1]["first_seen"] == "2026-03-14T03:30:00Z"


def test_an_object_weighs_once_however_much_is_found_about_it(tmp_path: Path) -> None:
    found = [finding("REF001", "a", size=10), finding("REF003", "a", size=10), finding("REF002", "b", size=None)]
    run = str(run_folder(tmp_path / "run", (), found))
    assert auditor("findings", run, "--sum", "prefix", "--format", "csv").stdout == (
        "prefix,findings,objects,bytes,share\n,3,1,10,1.0\n"
    )
    assert auditor("findings", run, "--sum", "rule", "--sort", "key").stdout == (
        "    FINDINGS       SIZE    SHARE  RULE\n"
        "           1       10 B   33.3 %  REF001\n"
        "           1        0 B   33.3 %  REF002\n"
        "           1       10 B   33.3 %  REF003\n"
        "           3       20 B    100 %  in all\n"
    )


def test_what_is_about_no_object_says_what_it_is_about(tmp_path: Path) -> None:
    run = str(run_folder(tmp_path / "run", (), [finding("KEY001", "", size=None, message="backups\x1b[2J are old")]))
    assert auditor("findings", run).stdout.splitlines()[1].endswith("backups\\x1b[2J are old")


def test_findings_that_were_cut_off_are_refused(run: str) -> None:
    path = Path(run) / "findings.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    result = auditor("findings", run)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "findings where the summary says" in result.stderr


def test_an_unknown_rule_is_refused(run: str) -> None:
    assert "no rule has the code" in auditor("findings", run, "--rule", "REF9").stderr
