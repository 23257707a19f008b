"""`auditor baseline create|prune|show`, as a user runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.baseline.file import read_entries
from auditor.runs.folder import RunFolder
from tests.history.pretend import Pretended
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import finding
from tests.scanning import auditor

A, B = finding("KEY001", "a"), finding("REF003", "b")
BUILDS = [finding("KEY001", f"builds/{number}/x") for number in range(3)]


def baseline(*arguments: object) -> tuple[int, str, str]:
    result = auditor("baseline", *map(str, arguments))
    return result.exit_code, result.stdout, result.stderr


def create(run: RunFolder, file: Path, *arguments: str) -> tuple[int, str, str]:
    return baseline("create", run.folder, "--baseline", file, *arguments)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_create_writes_what_the_run_has_in_order_and_twice_the_same(tmp_path: Path) -> None:
    run = Pretended(tmp_path).run(B, A)
    one, two = tmp_path / "1", tmp_path / "2"
    assert create(run, one, "--reason", "no harm") == (0, "", f"KEY001  1 more\nREF003  1 more\nwrote {one}\n")
    create(run, two, "--reason", "no harm")
    rest = '"reason": "no harm", "added": "2026-11-01"}\n'
    first = f'{{"rule": "KEY001", "key": "a", "fingerprint": "{A.fingerprint}", {rest}'
    assert one.read_text() == f'{first}{{"rule": "REF003", "key": "b", "fingerprint": "{B.fingerprint}", {rest}'
    assert two.read_bytes() == one.read_bytes()


def test_growth_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(A), file, "--reason", "old")
    entry = lines(file)[0] | {"expires": "2027-01-31"}
    file.write_text(json.dumps(entry) + "\n")
    before = file.read_bytes()
    more = nights.run(A, B, *BUILDS)
    code, _, said = create(more, file, "--reason", "young")
    assert (code, file.read_bytes()) == (2, before)
    assert (
        said
        == f"auditor: {file} would suppress more than it does (3 of KEY001, 1 of REF003): add --accept-new to agree\n"
    )
    assert create(more, file, "--reason", "young", "--accept-new")[0] == 0
    assert [(one["key"], one["reason"], one.get("expires")) for one in lines(file)] == [
        ("a", "old", "2027-01-31"),
        *((build.key, "young", None) for build in BUILDS),
        ("b", "young", None),
    ]
    assert create(more, file) == (0, "", f"wrote {file}\n"), "nothing is new now"


def test_what_the_run_has_no_more_stays_until_it_is_pruned(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(A, B), file)
    create(nights.run(A), file)
    assert [one["key"] for one in lines(file)] == ["a", "b"]


def test_an_expired_entry_is_as_good_as_none(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(A), file, "--reason", "old")
    file.write_text(json.dumps(lines(file)[0] | {"expires": "2026-11-01"}) + "\n")
    second = nights.run(A)
    assert create(second, file)[0] == 2
    assert create(second, file, "--accept-new", "--reason", "still")[0] == 0
    assert [(one["reason"], one.get("expires")) for one in lines(file)] == [("still", None)]


def test_groups_are_made_and_raised(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(*BUILDS[:2], B), file, "--group", "KEY001")
    assert [(one.get("glob"), one.get("at_most")) for one in lines(file)] == [("builds/*", 2), (None, None)]
    more = nights.run(*BUILDS, B)
    assert create(more, file)[0] == 2
    assert create(more, file, "--accept-new")[2] == f"KEY001  3 more\nwrote {file}\n"
    assert [one.get("at_most") for one in lines(file)] == [3, None]


def test_a_group_of_keys_that_are_globs_themselves(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    run = nights.run(*(finding("KEY001", key) for key in ("x*y1", "x*y2", "", "x")))
    create(run, file, "--group", "KEY001")
    assert [(one["glob"], one["at_most"]) for one in lines(file)] == [("*", 4)]
    assert create(run, file) == (0, "", f"wrote {file}\n")


def test_select_and_ignore_choose_what_is_added(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    run = nights.run(A, B)
    create(run, file, "--select", "KEY")
    assert [one["rule"] for one in lines(file)] == ["KEY001"]
    assert create(run, file, "--ignore", "REF") == (0, "", f"wrote {file}\n")


def test_hostile_keys_come_back_and_do_nothing(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    found = [finding("KEY001", key) for key in HOSTILE_KEYS]
    create(nights.run(*found), file)
    assert {one.key for one in read_entries(file) if hasattr(one, "key")} == set(HOSTILE_KEYS)
    _, said, _ = baseline("show", "--baseline", file)
    assert len(said.splitlines()) == len(HOSTILE_KEYS) + 1
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("command", ["create", "prune"])
def test_an_incomplete_run_is_refused(tmp_path: Path, command: str) -> None:
    run = Pretended(tmp_path).run(A, complete=False, exit_code=3)
    code, _, said = baseline(command, run.folder, "--baseline", tmp_path / "b")
    assert (code, list(tmp_path.glob("b"))) == (2, [])
    assert "is not complete, so no baseline can rest on it" in said


def test_prune_drops_what_was_looked_for_and_is_gone(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    padding = finding("EMB002", "s3_files/journey_embeddings/x")
    nights.classes = {"a": "unknown", padding.key: "ok", "r": "orphan"}
    create(nights.run(A, B, padding, finding("REF001", "r"), finding("KEY003", "k")), file)
    nights.classes["r"] = "unjudged"
    last = nights.run(B, checked=["KEY001", "REF003", "EMB002", "REF001"])
    assert baseline("prune", last.folder, "--baseline", file) == (
        0,
        "",
        f"1 gone, 0 expired, 0 groups allow fewer, 4 left\nwrote {file}\n",
    )
    assert sorted(one["rule"] for one in lines(file)) == ["EMB002", "KEY003", "REF001", "REF003"]
    del nights.classes[padding.key]
    assert baseline("prune", nights.run(B).folder, "--baseline", file)[0] == 0
    assert sorted(one["rule"] for one in lines(file)) == ["REF001", "REF003"]


def test_prune_takes_a_prefix_for_no_more_than_it_is(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(A, *BUILDS, finding("REF003", "builds/z")), file, "--group", "KEY001")
    part = nights.run(BUILDS[0], prefix="builds/")
    baseline("prune", part.folder, "--baseline", file)
    assert [(one["rule"], one.get("at_most")) for one in lines(file)] == [("KEY001", 4)]


def test_prune_lowers_groups_and_drops_what_has_expired(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    create(nights.run(*BUILDS, B), file, "--group", "KEY001")
    group, one = lines(file)
    file.write_text(json.dumps(group) + "\n" + json.dumps(one | {"expires": "2026-11-01"}) + "\n")
    said = baseline("prune", nights.run(BUILDS[0], B).folder, "--baseline", file)[2]
    assert said == f"0 gone, 1 expired, 1 groups allow fewer, 1 left\nwrote {file}\n"
    assert [one["at_most"] for one in lines(file)] == [1]
    baseline("prune", nights.run(B).folder, "--baseline", file)
    assert file.read_text() == ""


def test_show_says_how_much_each_entry_suppresses(tmp_path: Path) -> None:
    nights, file = Pretended(tmp_path), tmp_path / "b"
    run = nights.run(A, B)
    create(run, file, "--reason", "no\x1bharm")
    group = {
        "rule": "KEY001",
        "glob": "*",
        "at_most": 1,
        "reason": "CI",
        "expires": "2027-01-31",
        "added": "2026-11-01",
    }
    old = group | {"glob": "a*", "expires": "2026-10-31"}
    file.write_text(file.read_text() + json.dumps(group) + "\n" + json.dumps(old) + "\n")
    more = nights.run(A, finding("KEY001", "c"), replace(B, key="b"))
    assert baseline("show", more.folder, "--baseline", file)[1].splitlines() == [
        "rule      findings  expires     what: reason",
        "KEY001          2!  2027-01-31  *, at most 1: CI",
        "KEY001           0  expired     a*, at most 1: CI",
        "KEY001           1  never       a: no\\x1bharm",
        "REF003           1  never       b: no\\x1bharm",
    ]


def test_a_malformed_baseline_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_text("{}\n[]\n")
    run = Pretended(tmp_path).run(A)
    faults = f"  {file}:1: 'rule' is missing\n  {file}:2: it is not a JSON object\n"
    told = f"auditor: the baseline {file} cannot be used: repair 2 lines\n{faults}"
    assert create(run, file) == (2, "", told)
    assert baseline("show", "--baseline", file) == (2, "", told)
    assert baseline("prune", run.folder, "--baseline", file) == (2, "", told)
    (tmp_path / "bucket").mkdir()
    result = auditor(
        "scan", f"file://{tmp_path}/bucket", "--db", "none", "--out", str(tmp_path / "o" / "1"), "--baseline", str(file)
    )
    assert (result.exit_code, result.stderr) == (2, told)
