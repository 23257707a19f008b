"""The JSON body against its schema, and its numbers against the run."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from auditor.telling.digest import digest_of
from auditor.telling.location import Location
from auditor.telling.webhook import webhook_body
from tests.reports.sample import SampleRun, finding, named_runs
from tests.telling.runs import as_new, changed_run, compared_run, quiet_run

SCHEMA = json.loads(files("auditor.telling").joinpath("webhook.schema.json").read_text(encoding="utf-8"))
RUNS = {**named_runs(), "changed": changed_run(), "quiet": quiet_run()}


def body_of(run: SampleRun) -> Any:
    """As a receiver reads it."""
    location = Location("audit-1", "/srv/audits/1", "https://audits.example.com/1/report.html")
    return json.loads(json.dumps(webhook_body(digest_of(run, location))))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
def test_every_sort_of_run_is_valid(run: SampleRun) -> None:
    Draft202012Validator(SCHEMA).validate(body_of(run))


@pytest.mark.parametrize("name", sorted(SCHEMA["required"]))
def test_nothing_may_be_left_out(name: str) -> None:
    body = body_of(changed_run())
    del body[name]
    assert not Draft202012Validator(SCHEMA).is_valid(body)


def test_the_numbers_are_the_runs() -> None:
    body = body_of(changed_run())
    assert body["counts"] == {
        "new": 6,
        "fixed": 1,
        "known": 4,
        "found": 10,
        "suppressed": 2,
        "errors": 0,
        "not_audited": 2,
    }
    assert [(rule["rule"], rule["count"]) for rule in body["new"]] == [("REF002", 1), ("REF001", 5)]
    assert (body["complete"], body["exit_code"], body["changed"], body["run_id"]) == (True, 1, True, "a" * 32)
    assert body["report"] == {
        "host": "audit-1",
        "folder": "/srv/audits/1",
        "url": "https://audits.example.com/1/report.html",
    }


def test_without_a_history_nothing_is_said_to_be_new() -> None:
    body = body_of(RUNS["ordinary"])
    assert (body["new"], body["fixed"], body["counts"]["new"], body["counts"]["known"]) == (None, None, None, None)
    assert body["counts"]["found"] == sum(rule["count"] for rule in body["found"]) == 11


@settings(max_examples=30)
@given(st.text(min_size=1))
def test_keys_come_back_exactly(key: str) -> None:
    assert body_of(compared_run(as_new(finding("KEY001", key))))["new"][0]["examples"] == [key]


def test_long_lists_are_cut_and_their_length_is_said() -> None:
    errors = [{"what": f"shard {number}", "message": "no"} for number in range(500)]
    body = body_of(compared_run(errors=errors, complete=False, exit_code=3))
    Draft202012Validator(SCHEMA).validate(body)
    assert (len(body["errors"]), body["counts"]["errors"]) == (20, 500)
    assert (body["new"], body["fixed"], body["counts"]["new"], body["counts"]["known"]) == (None, None, None, None)
