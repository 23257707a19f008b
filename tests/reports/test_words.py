from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.text import share
from reports.charts import WIDTH, bar, strip
from reports.classes import OBJECT_CLASSES, ROW_CLASSES
from reports.verdict import pending_source
from reports.words import shorten
from tests.reports.patience import unhurried
from tests.reports.test_json import SCHEMA


@pytest.mark.parametrize(
    "module",
    [
        "auditor.findings_csv",
        "auditor.text",
        "reports.charts",
        "reports.embedded",
        "reports.markdown_text",
        "reports.sampling",
        "reports.sarif_results",
        "reports.verdict",
        "reports.words",
    ],
)
def test_the_examples_in_the_docstrings_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@unhurried
@given(st.text(), st.integers(1, 40), st.sampled_from([len, cell_len]))
def test_shortened_text_fits_and_keeps_both_ends(text: str, width: int, measure: Callable[[str], int]) -> None:
    short = shorten(text, width, measure)
    assert measure(short) <= width
    if short != text:
        head, _, tail = short.rpartition("…") if "…" not in text else short.partition("…")
        assert "…" in short
        assert "…" in text or (text.startswith(head) and text.endswith(tail))


@unhurried
@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_never_says_all_or_nothing_of_what_is_neither(part: int, rest: int) -> None:
    assert share(part, part + rest) != "100 %"
    assert (share(part, part + rest) == "0 %") == (part == 0)


@unhurried
@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**13)), max_size=12))
def test_a_strip_fills_its_width_and_shows_whatever_exists(amounts: list[tuple[str, int]]) -> None:
    parts = strip(amounts)
    assert [part.name for part in parts] == [name for name, amount in amounts if amount]
    assert all(part.width > 0.5 for part in parts)
    if parts:
        assert sum(part.width for part in parts) == pytest.approx(WIDTH, abs=0.2)


@unhurried
@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_a_bar_stays_inside_and_is_there_when_there_is_something(amount: int, more: int) -> None:
    length = bar(amount, amount + more)
    assert 0 <= length <= WIDTH
    assert bool(length) == bool(amount)


def test_every_class_of_the_schema_has_an_explanation() -> None:
    definitions = SCHEMA["$defs"]
    assert set(definitions["object_classes"]["propertyNames"]["enum"]) == set(OBJECT_CLASSES)
    assert set(SCHEMA["properties"]["row_classes"]["propertyNames"]["enum"]) == set(ROW_CLASSES)


def test_where_the_pending_list_came_from() -> None:
    old = {"source": "redis backup b", "as_of": "2026-01-02T00:00:00Z", "entries": 1}
    live = {"source": "redis://h:1/0", "as_of": None, "entries": None}
    said = [pending_source({"pending": found, "started_at": "2026-01-02T10:00:00Z"}) for found in (old, live, None)]
    assert said == [
        "redis backup b, 10 h old when the audit began: 1 file",
        "redis://h:1/0, live: could not be read",
        None,
    ]
