"""`auditor diff OLD NEW`: what is new, fixed and known, and what is not called by any of these names."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.findings_csv import unescape
from auditor.history.diff import Diff, Verdict
from auditor.runs.folder import RunFolder
from tests.history.pretend import INFOS, Pretended
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import finding
from tests.scanning import auditor

A, B, C = finding("KEY001", "a"), finding("REF001", "b"), finding("REF003", "c")
PADDING = finding("EMB002", "s3_files/journey_embeddings/x")
OLDER = {"source": "backup", "as_of": "2026-10-31T00:00:00Z", "count": 0, "skipped": []}


def diff(old: RunFolder, new: RunFolder, *arguments: str) -> tuple[int, str, str]:
    result = auditor("diff", str(old.folder), str(new.folder), *arguments)
    return result.exit_code, result.stdout, result.stderr


def said(old: RunFolder, new: RunFolder) -> dict[str, str]:
    _, text, _ = diff(old, new, "--format", "json")
    return {entry["key"]: entry["state"] for entry in json.loads(text)["findings"]}


def test_the_text_for_people(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    old = nights.run(A, B)
    families = {
        **old.summary["families"],
        "uploads": old.summary["families"]["uploads"] | {"objects": 200, "bytes": 10},
    }
    new = nights.run(B, C, finding("KEY003", "d\x1b[2J"), checked=["KEY001", "REF001", "REF003"], families=families)
    assert diff(old, new) == (
        0,
        f"""\
older  {old.folder}, begun 2026-11-01T03:30:00Z
newer  {new.folder}, begun 2026-11-02T03:30:00Z
1 new, 1 fixed, 1 known, 1 not compared

new
  REF003 error    c
    Row and object disagree about the size.

fixed
  KEY001 warning  a
    No key template begins the way this key begins.

rule                              severity           new         fixed         known  not-compared
KEY001 unknown-prefix             warning              0             1             0             0
KEY003 invalid-field              warning              0             0             0             1
REF001 orphan-object              warning              0             0             1             0
REF003 size-mismatch              error                1             0             0             0

family                                 objects         bytes
uploads                                    -11     -221.0 MB

not compared, because
  the newer run did not check all that the rule is about:
    KEY003
""",
        "",
    )


def test_everything_as_csv_new_ones_first(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    old = nights.run(A, B, *(finding("KEY003", key) for key in HOSTILE_KEYS))
    new = nights.run(B, C)
    result = auditor("diff", str(old.folder), str(new.folder), "--format", "csv")
    text = result.stdout_bytes.decode()  # as it was written, line ends too
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["state"] for row in rows] == ["new"] + ["fixed"] * (len(HOSTILE_KEYS) + 1) + ["known"]
    assert [unescape(row["key"]) for row in rows] == ["c", *sorted(["a", *HOSTILE_KEYS], key=str.encode), "b"]


def test_everything_as_json(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    old, new = nights.run(A, B), nights.run(B, C)
    told = json.loads(diff(old, new, "--format", "json")[1])
    assert told["totals"] == {"new": 1, "fixed": 1, "known": 1, "not-compared": 0}
    assert told["old"]["run_id"] == old.summary["run_id"]
    assert told["rules"]["KEY001"] == {
        "name": "unknown-prefix",
        "severity": "warning",
        "new": 0,
        "fixed": 1,
        "known": 0,
        "not-compared": 0,
        "not_compared_because": None,
    }
    assert [(entry["state"], entry["key"], entry["size"]) for entry in told["findings"]] == [
        ("new", "c", 24_608),
        ("fixed", "a", 24_608),
        ("known", "b", 24_608),
    ]


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_two_runs_of_nothing(tmp_path: Path, form: str) -> None:
    nights = Pretended(tmp_path)
    code, text, _ = diff(nights.run(), nights.run(), "--format", form)
    assert code == 0
    assert form != "json" or json.loads(text)["findings"] == []


@pytest.mark.parametrize(
    ("older", "newer", "states"),
    [
        ({}, {"complete": False}, ("not-compared", "not-compared")),
        ({"complete": False}, {}, ("not-compared", "not-compared")),
        ({}, {"checked": ["REF001"]}, ("not-compared", "not-compared")),
        ({"checked": []}, {}, ("not-compared", "not-compared")),
        ({"checked": None}, {}, ("not-compared", "not-compared")),
        ({}, {"prefix": "x/"}, ("not-compared", "new")),  # `a` was not under it
        ({"prefix": "y/"}, {}, ("fixed", "not-compared")),  # `x/n` was not under it
    ],
)
def test_what_cannot_be_compared_is_called_neither(
    tmp_path: Path, older: dict[str, Any], newer: dict[str, Any], states: tuple[str, str]
) -> None:
    nights = Pretended(tmp_path)
    found = [finding("KEY001", "known")]
    old, new = nights.run(A, *found, **older), nights.run(finding("KEY001", "x/n"), *found, **newer)
    assert said(old, new) == {"a": states[0], "x/n": states[1], "known": "known"}


def test_what_was_not_looked_at_again_is_not_called_fixed(tmp_path: Path) -> None:
    nights = Pretended(tmp_path, classes={PADDING.key: "ok", "b": "orphan"})
    checked = ["EMB002", "REF001", "KEY001"]
    old = nights.run(PADDING, B, checked=checked)
    assert said(old, nights.run(checked=checked)) == {PADDING.key: "not-compared", "b": "fixed"}
    assert said(old, nights.run(checked=checked, rows=OLDER)) == {PADDING.key: "not-compared", "b": "not-compared"}
    nights.classes = {"b": "unjudged"}
    assert said(old, nights.run(checked=checked)) == {PADDING.key: "fixed", "b": "not-compared"}


@pytest.mark.parametrize(("severity", "code"), [("info", 1), ("warning", 1), ("error", 0)])
def test_fail_on_new(tmp_path: Path, severity: str, code: int) -> None:
    nights = Pretended(tmp_path)
    dangling = finding("REF002", "r", size=None)  # by a backup too old to prove it
    assert diff(nights.run(C), nights.run(C, A, dangling), "--fail-on-new", severity)[0] == code


def test_runs_that_are_no_pair_are_refused(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    old, new, other = nights.run(A), nights.run(A), nights.run(A, bucket="s3://another")
    assert diff(new, old)[0] == 2
    assert diff(old, other) == (
        2,
        "",
        "auditor: the runs are of different buckets (s3://oseh and s3://another): take two runs of one\n",
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(*(st.sets(st.tuples(st.sampled_from(["KEY001", "REF003"]), st.sampled_from(["", "a", "b/c", "é", "z"]))),) * 2)
def test_any_two_runs(tmp_path_factory: pytest.TempPathFactory, one: set[Any], two: set[Any]) -> None:
    nights = Pretended(tmp_path_factory.mktemp("runs"), remembering=False)
    old, new = (nights.run(*(finding(*pair) for pair in pairs)) for pairs in (one, two))
    told = Diff(old, new, INFOS)
    found = {verdict: {(f.rule, f.key) for f in told.findings(verdict)} for verdict in Verdict}
    assert found == {
        Verdict.NEW: two - one,
        Verdict.FIXED: one - two,
        Verdict.KNOWN: one & two,
        Verdict.NOT_COMPARED: set(),
    }
    assert {verdict: told.total(verdict) for verdict in Verdict} == {v: len(pairs) for v, pairs in found.items()}
    told.close()
