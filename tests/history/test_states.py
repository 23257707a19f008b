"""What becomes of a finding from night to night."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.findings import fingerprint
from auditor.history.past import History
from auditor.history.record import record
from tests.history.pretend import DAY, FIRST, HOUR, URL, Pretended, told
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import finding, in_report_order

A, B, C = (finding("REF001", key) for key in "abc")


def test_new_known_fixed_and_new_again(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    assert told(nights.run(A)) == {"a": ("new", 1)}
    assert told(nights.run(A, B)) == {"a": ("known", 2), "b": ("new", 1)}
    assert told(nights.run(B)) == {"a": ("fixed", None), "b": ("known", 2)}
    assert told(nights.run(B)) == {"b": ("known", 3)}
    again = nights.run(A, B)
    assert told(again) == {"a": ("new", 1), "b": ("known", 4)}
    first = {found.key: found.first_seen for found in again.findings()}
    assert first == {"a": FIRST, "b": FIRST + DAY}, "what comes back keeps the day on which it was first seen"


def test_the_summary_counts_states(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    one = nights.run(A, B)
    assert one.summary["history"] == {
        "since": None,
        "runs": 0,
        "previous": None,
        "recorded": True,
        "states": {"new": 2, "known": 0, "fixed": 0},
        "rules": {"REF001": {"name": "orphan-object", "severity": "warning", "new": 2, "known": 0, "fixed": 0}},
        "unseen": 0,
    }
    two = nights.run(B, C, finding("KEY001", "d"))
    assert two.summary["history"] == {
        "since": "2026-11-01T03:30:00Z",
        "runs": 1,
        "previous": {"run_id": one.summary["run_id"], "started_at": "2026-11-01T03:30:00Z"},
        "recorded": True,
        "states": {"new": 2, "known": 1, "fixed": 1},
        "rules": {
            "KEY001": {"name": "unknown-prefix", "severity": "warning", "new": 1, "known": 0, "fixed": 0},
            "REF001": {"name": "orphan-object", "severity": "warning", "new": 1, "known": 1, "fixed": 1},
        },
        "unseen": 0,
    }


def test_runs_that_are_less_than_twelve_hours_apart_are_one_night(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    hours = [0, 1, 11.9 - 1, 0.1, 8, 8, 8, 8, 8]  # then at 12 and every 8 hours
    seen = [told(nights.run(A, after=timedelta(hours=after)))["a"][1] for after in hours]
    assert seen == [1, 1, 1, 2, 2, 3, 3, 4, 4]


def test_what_is_fixed_is_told_as_it_was_last_seen(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    last = [
        finding("KEY001", key, family="images/exports", message=f"=1+1 {key}", row_uid="oseh_s3f_x", suggestion="\r")
        for key in HOSTILE_KEYS
    ]
    nights.run(*(replace(one, message="first", size=1) for one in last))
    nights.run(*last)
    gone = [replace(found, state=None) for found in nights.run().fixed()]
    assert gone == in_report_order(last)


def test_a_partial_run_changes_no_state(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    partial = nights.run(A, B, complete=False, exit_code=3)
    assert told(partial) == {"a": ("known", 1), "b": ("new", 1)}
    nothing = nights.run(complete=False, exit_code=3)
    assert (told(nothing), nothing.summary["history"]["recorded"]) == ({}, False)
    assert nothing.summary["exit_code"] == 3
    assert told(nights.run(A, B)) == {"a": ("known", 2), "b": ("new", 1)}


def test_a_run_of_a_prefix_says_nothing_of_what_lies_elsewhere(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    inside, beside, nowhere = finding("KEY001", "p/a"), finding("KEY001", "p"), finding("KEY001", "")
    twin = replace(nowhere, fingerprint=fingerprint("KEY001", "oseh", "", "twin"))
    nights.run(inside, beside, nowhere, twin, finding("KEY001", "q/a"))
    part = nights.run(prefix="p/")
    assert told(part) == {"p/a": ("fixed", None)}
    assert part.summary["history"]["unseen"] == 2, "of what has no key nothing can be said"
    whole = nights.run(twin)
    assert [found.fingerprint for found in whole.findings()] == [twin.fingerprint]
    assert sorted(found.key for found in whole.fixed()) == ["", "p", "q/a"]


def test_rules_that_were_not_run_keep_their_findings(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A, finding("KEY001", "k"))
    other = nights.run(checked=["KEY001"])
    assert told(other) == {"k": ("fixed", None)}
    assert other.summary["history"]["unseen"] == 1
    assert told(nights.run(A)) == {"a": ("known", 2)}


OLDER = {"source": "backup", "as_of": "2026-10-31T00:00:00Z", "count": 0, "skipped": []}
NONE = {"source": None, "as_of": None, "count": 0, "skipped": []}


@pytest.mark.parametrize(
    "changes", [{"rows": OLDER}, {"rows": NONE}, {"cutoff": "2026-10-30T00:00:00Z", "min_age_seconds": 9e5}]
)
def test_older_evidence_repairs_nothing_that_rests_on_rows(tmp_path: Path, changes: dict[str, Any]) -> None:
    nights = Pretended(tmp_path)
    nights.run(A, finding("KEY001", "k"))
    assert told(nights.run(**changes)) == {"k": ("fixed", None)}
    assert told(nights.run()) == {"a": ("fixed", None)}


@pytest.mark.parametrize(("name", "fixed"), [("unjudged", False), ("too-new", False), ("ok", True), ("pending", True)])
def test_an_object_that_is_not_judged_keeps_its_findings(tmp_path: Path, name: str, fixed: bool) -> None:
    nights = Pretended(tmp_path, classes={"0": "ok", "a": "orphan", "z": "ok"})
    nights.run(A, finding("KEY001", "a", message="a key is what it is, judged or not"))
    nights.classes["a"] = name
    gone = {found.rule for found in nights.run().fixed()}
    assert gone == ({"KEY001", "REF001"} if fixed else {"KEY001"})


def test_a_run_is_recorded_once_and_never_after_a_newer_one(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    one, two = nights.run(A), nights.run(A, B)
    late = nights.run(C, after=-12 * HOUR)
    assert (told(late), late.summary["history"]["recorded"]) == ({"c": ("new", 1)}, False)
    with closing(History(nights.history, URL)) as history:
        assert [record(history, run) for run in (one, two, late)] == [False, False, False]
    assert told(nights.run(A, B, after=2 * DAY)) == {"a": ("known", 3), "b": ("known", 2)}


def test_buckets_do_not_mix(tmp_path: Path) -> None:
    nights = Pretended(tmp_path)
    nights.run(A)
    with closing(History(nights.history, "s3://another")) as other:
        assert (other.newest(), other.look_up([A.fingerprint]), list(other.unseen("", ["REF001"]))) == (None, {}, [])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sets(st.sampled_from("abcde")), st.booleans(), st.integers(1, 40)), max_size=6))
def test_any_row_of_nights(tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[set[str], bool, int]]) -> None:
    """The same as a few lines that keep everything in a dictionary."""
    nights, held = Pretended(tmp_path_factory.mktemp("nights")), dict[str, tuple[int, float]]()
    hour = 0.0
    for number, (keys, complete, after) in enumerate(plan):
        hour += after if number else 0
        expected: dict[str, tuple[str, int | None]] = {}
        for key in sorted(keys):
            count, since = held.get(key, (0, hour))
            another = bool(count) and complete and hour - since >= 12
            expected[key] = ("known" if count else "new", count + another if count else 1)
            if complete:
                held[key] = (count + another, hour if another else since) if count else (1, hour)
        for key in sorted(set(held) - keys) if complete else ():
            expected[key] = ("fixed", None)
            del held[key]
        run = nights.run(*(finding("KEY001", key) for key in keys), after=after * HOUR, complete=complete, exit_code=3)
        assert told(run) == expected
