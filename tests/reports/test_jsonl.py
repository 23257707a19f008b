from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.findings import Finding
from auditor.record import Run
from auditor.text import isoformat
from reports.jsonl import FIELDS, JsonLinesReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import history_run, stated_runs
from tests.reports.patience import unhurried
from tests.reports.sample import finding, many_findings, named_runs, sample_run

RUNS = named_runs() | stated_runs()


def lines_of(run: Run) -> list[dict[str, Any]]:
    text = "".join(JsonLinesReport().render(run))
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_finding_is_a_line_with_all_that_is_known_of_it(run: Run) -> None:
    held = [*run.findings(), *run.fixed()]
    assert lines_of(run) == [dict(_values(item)) for item in held]


def _values(item: Finding) -> Iterator[tuple[str, Any]]:
    for name in FIELDS:
        value = getattr(item, name)
        yield name, isoformat(value) if isinstance(value, datetime) else value


def test_every_field_of_a_finding_is_there() -> None:
    assert set(FIELDS) == set(Finding.__slots__)


def test_what_is_fixed_comes_last_and_says_so() -> None:
    states = [line["state"] for line in lines_of(history_run())]
    assert states[-2:] == ["fixed", "fixed"]
    assert "fixed" not in states[:-2]


@unhurried
@given(st.one_of(st.sampled_from(HOSTILE_KEYS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_any_key_survives_on_one_line_and_does_nothing(key: str) -> None:
    text = "".join(JsonLinesReport().render(sample_run([finding("KEY001", key, message=key, suggestion=key)])))
    assert text.count("\n") == 1
    assert text[:-1].isascii()
    assert text[:-1].isprintable()
    assert json.loads(text)["key"] == key


def test_lines_come_in_pieces_and_none_is_left_out() -> None:
    pieces = list(JsonLinesReport().render(sample_run(many_findings(3_500))))
    assert [piece.count("\n") for piece in pieces] == [1_000, 1_000, 1_000, 500]
