from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from reports.json import JsonReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import history_run, stated_runs
from tests.reports.prefixes import prefixes_run
from tests.reports.sample import (
    SampleRun,
    clean_run,
    finding,
    hostile_findings,
    incomplete_run,
    no_database_run,
    sample_run,
)

SCHEMA = json.loads((files("reports") / "summary.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
RUNS = [sample_run(), sample_run(hostile_findings()), incomplete_run(), clean_run(), no_database_run(), prefixes_run()]
RUNS += [*stated_runs().values(), history_run(fail_on_new="warning")]


def text_of(run: SampleRun) -> str:
    return "".join(JsonReport().render(run))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("run", RUNS)
def test_every_summary_is_valid_and_comes_back_exactly(run: SampleRun) -> None:
    loaded = json.loads(text_of(run))
    VALIDATOR.validate(loaded)
    assert loaded == run.summary


def test_the_order_in_which_the_engine_counted_changes_nothing() -> None:
    run = sample_run()
    backwards = SampleRun(dict(reversed(run.summary.items())), run.held)
    backwards.summary["requests"] = dict(reversed(run.summary["requests"].items()))
    assert text_of(backwards) == text_of(run)


def test_hostile_keys_survive_and_are_only_ascii_to_a_terminal() -> None:
    for key in HOSTILE_KEYS:
        text = text_of(sample_run([finding("KEY001", key)]))
        assert json.loads(text)["rules"]["KEY001"]["examples"] == [key]
        assert text.isascii()
        assert text.replace("\n", "").isprintable()


def set_at(*path: str) -> Callable[[dict[str, Any], Any], None]:
    def change(summary: dict[str, Any], value: Any) -> None:
        for name in path[:-1]:
            summary = summary[int(name)] if isinstance(summary, list) else summary[name]
        summary[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("compleet",), True),
        (("schema_version",), 2),
        (("listing", "keys"), 1),
        (("rows", "as_of"), "2026-03-14 02:30"),
        (("classes", "orphans"), {"objects": 1, "bytes": 1}),
        (("classes", "ok", "size"), 1),
        (("row_classes", "orphan"), 1),
        (("families", "uploads", "rows"), 1),
        (("families", "uploads", "classes", "lost"), {"objects": 1, "bytes": 1}),
        (("families", "uploads", "line"), 0),
        (("families", "uploads", "template"), ""),
        (("families", "uploads", "fields", "random"), None),
        (("no_family", "name"), "none"),
        (("unexplained", "0", "name"), "x"),
        (("unexplained", "0", "rule"), "unknown"),
        (("unexplained", "0", "prefix"), 1),
        (("unexplained", "0", "objects"), 0),
        (("unexplained", "0", "examples"), []),
        (("unexplained", "0", "examples"), ["key"] * 4),
        (("unexplained", "0", "with_rows"), -1),
        (("unexplained", "0", "last_modified"), "yesterday"),
        (("unexplained", "0", "sentence"), None),
        (("no_family", "template"), "a/{b}"),
        (("findings", "orphan-object"), 1),
        (("findings", "REF001"), -1),
        (("rules", "REF001", "why"), "because"),
        (("rules", "REF001", "severity"), "fatal"),
        (("rules", "REF001", "examples"), ["key"] * 6),
        (("shards", "lost"), 1),
        (("exit_code",), 2),
        (("exit_code",), 3),
        (("complete",), False),
        (("shards", "failed"), 1),
        (("spec", "sha256"), "0f"),
        (("started_at",), "2026-03-14T03:30:00+01:00"),
        (("checked",), ["REF001"]),
        (("checked",), {"orphan-object": "REF001"}),
        (("checked",), {"REF001": None}),
    ],
)
def test_a_wrong_name_or_value_is_caught(path: tuple[str, ...], value: object) -> None:
    summary = copy.deepcopy(sample_run().summary)
    set_at(*path)(summary, value)
    assert not VALIDATOR.is_valid(summary)


@pytest.mark.parametrize("name", SCHEMA["$defs"]["unexplained"]["required"])
def test_an_entry_about_a_prefix_is_whole(name: str) -> None:
    summary = copy.deepcopy(prefixes_run().summary)
    del summary["unexplained"][0][name]
    assert not VALIDATOR.is_valid(summary)


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_no_entry_may_be_missing(name: str) -> None:
    summary = sample_run().summary
    del summary[name]
    assert not VALIDATOR.is_valid(summary)
