from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

from auditor.record import Run
from auditor.text import printable
from reports.junit import JunitReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import history_run, new, stated_run, stated_runs, suppressed_run
from tests.reports.patience import unhurried
from tests.reports.sample import clean_run, finding, incomplete_run, many_findings, named_runs, sample_run

RUNS = named_runs() | stated_runs()
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "id", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}


def text_of(run: Run, **limits: int) -> str:
    return "".join(JunitReport(**limits).render(run))


def results(run: Run) -> dict[str, str]:
    """Of each test case what another's parser makes of it."""
    suites: Any = JUnitXml.fromstring(text_of(run).encode())
    return {case.name: case.result[0]._tag if case.result else "passed" for suite in suites for case in suite}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_form_is_what_jenkins_reads_and_the_sums_agree(run: Run) -> None:
    root = ElementTree.fromstring(text_of(run))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        kinds = Counter(child.tag for case in cases for child in case)
        assert [int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped")] == [
            len(cases),
            kinds["failure"],
            kinds["error"],
            kinds["skipped"],
        ]
        assert float(element.attrib["time"]) == sum(float(case.attrib["time"]) for case in cases)
    names = [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_it_is_red_when_the_exit_code_is_not_0(run: Run) -> None:
    red = {"failure", "error"} & set(results(run).values())
    assert bool(red) == bool(run.summary["exit_code"])


def test_each_rule_is_a_test_case() -> None:
    assert results(history_run()) == {
        "complete": "passed",
        "the contents of 44 course exports": "skipped",
        "BAK003 backup-gap": "passed",
        "EMB002 embedding-padding": "passed",
        "KEY001 unknown-prefix": "passed",
        "KEY003 invalid-field": "passed",
        "KEY005 directory-marker": "passed",
        "REF001 orphan-object": "failure",
        "REF002 dangling-row": "passed",
        "REF003 size-mismatch": "failure",
        "REF004 unreferenced-file": "skipped",
        "UPL001 abandoned-multipart": "passed",
    }


def test_an_incomplete_audit_is_an_error_with_what_went_wrong() -> None:
    assert results(incomplete_run())["complete"] == "error"
    assert "listing after s3_files/\\x1b[2Jvideos: SlowDown after 5 attempts." in text_of(incomplete_run())


def test_what_the_baseline_has_fails_nothing_and_is_shown() -> None:
    assert set(results(suppressed_run()).values()) == {"passed"}
    assert "suppressed: 6" in text_of(suppressed_run())


def test_what_is_new_fails_by_an_option_of_its_own() -> None:
    run = stated_run([new(finding("KEY005", "a/", size=0))], fail_on="error", fail_on_new="info", exit_code=1)
    assert results(run)["KEY005 directory-marker"] == "failure"


def test_an_exit_code_that_no_rule_explains_is_red_all_the_same() -> None:
    run = stated_run([new(finding("KEY005", "a/", size=0))], exit_code=1)
    assert results(run)["complete"] == "failure"
    assert results(run)["KEY005 directory-marker"] == "passed"


def test_one_thing_that_was_not_audited_for_two_reasons_is_skipped_once() -> None:
    run = clean_run()
    run.summary["not_audited"] = [{"what": "REF004 x", "because": why} for why in ("of this", "of that")]
    assert 'message="not audited, because of this, because of that"' in text_of(run)


@unhurried
@given(st.one_of(st.sampled_from(HOSTILE_KEYS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_any_key_is_shown_and_does_nothing(key: str) -> None:
    run = sample_run([finding("REF001", key)], complete=False, exit_code=3)
    run.summary["errors"] = [{"what": key, "message": key}]
    run.summary["not_audited"] = [{"what": key, "because": key}]
    root = ElementTree.fromstring(text_of(run))  # noqa: S314 - our own text
    failure = next(element for element in root.iter("failure"))
    assert failure.text == f"found: 1\n  {printable(key)}"
    assert next(element for element in root.iter("error")).text == printable(f"{key}: {key}")
    assert root[0][1].attrib["name"] == printable(key)


def test_a_flood_is_cut_and_says_so() -> None:
    text = text_of(sample_run(many_findings(5_000)), examples=10)
    assert len(re.findall("q7Jx0a_", text)) == 10
    assert "at most 10 of their keys are in this file; findings.csv has all" in text
    errors = [{"what": f"part {place}", "message": "failed"} for place in range(500)]
    assert "and 400 more in summary.json" in text_of(sample_run([], complete=False, exit_code=3, errors=errors))
