"""What a run says of the nights before it, on the terminal and in the page."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from auditor.findings import State
from reports import standing
from reports.csv import NewCsv
from reports.embedded import FIELDS, decode
from reports.html import HtmlReport
from reports.sampling import in_turn
from reports.terminal import TerminalReport
from reports.verdict import verdict
from tests.reports.nights import (
    first_run,
    fixed,
    history_run,
    known,
    new,
    quiet_run,
    stated_run,
    suppressed,
    suppressed_run,
)
from tests.reports.sample import SampleRun, finding, many_findings, ordinary_findings, sample_run
from tests.reports.test_html import embedded, page_of


def told(run: SampleRun) -> str:
    return " ".join("".join(TerminalReport(width=120).render(run)).split())


def headline(run: SampleRun) -> str:
    return verdict(run.summary).headline


def only(*found: Any, gone: Any = (), **changes: Any) -> SampleRun:
    return stated_run(found, gone, not_audited=[], **changes)


ORPHAN, SIZE, MARKER = finding("REF001", "a"), finding("REF003", "b"), finding("KEY005", "c/", size=0)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (history_run(), "COMPLETE: 3 new and 2 fixed since 2026-03-13 03:30 UTC, 7 known (exit code 1)."),
        (quiet_run(), "COMPLETE: nothing new since 2026-03-13 03:30 UTC, 3 known (exit code 0)."),
        (only(new(ORPHAN)), "COMPLETE: 1 new since 2026-03-13 03:30 UTC (exit code 1)."),
        (
            only(known(ORPHAN), gone=[fixed(SIZE)]),
            "COMPLETE: nothing new and 1 fixed since 2026-03-13 03:30 UTC, 1 known (exit code 1).",
        ),
        (first_run(), "COMPLETE: 4 errors and 7 warnings; first run on record, so everything is new (exit code 1)."),
    ],
)
def test_the_first_line_says_what_is_new_and_since_when(run: SampleRun, said: str) -> None:
    assert headline(run) == said


def test_a_night_without_findings_says_what_is_fixed() -> None:
    run = only(gone=[fixed(SIZE)])
    run.summary["classes"].pop("unjudged")
    assert headline(run) == "COMPLETE: nothing found, 1 fixed since 2026-03-13 03:30 UTC (exit code 0)."


def test_what_the_baseline_has_is_not_among_the_findings_and_is_counted() -> None:
    run = suppressed_run()
    run.summary["classes"].pop("unjudged")
    assert headline(run) == "COMPLETE: nothing found besides 11 that the baseline suppresses (exit code 0)."
    assert verdict(run.summary).tone == "clean"
    text = told(run)
    assert "Baseline: 11 suppressed by auditor-baseline.jsonl (1 KEY001, 6 REF001, 3 REF002 and 1 REF003; " in text
    assert "2 entries expired; 1 entry without a finding)" in text
    assert "group KEY001 tmp/* is exceeded and suppresses nothing: 14 found, 10 allowed" in text


def test_a_baseline_without_a_history_counts_what_it_leaves() -> None:
    run = stated_run([suppressed(finding("REF003", "a")), finding("REF001", "b")])
    run.summary["history"] = None
    assert headline(run) == "COMPLETE: 1 warning (exit code 1)."
    assert "Findings (all of them in findings.csv) WARNING REF001 orphan-object 1" in told(run)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (only(known(SIZE), new(ORPHAN)), "Start with REF001"),
        (only(new(SIZE), new(ORPHAN)), "Start with REF003"),
        (only(suppressed(known(SIZE)), known(ORPHAN)), "What is known still fails the run. Start with REF001"),
        (only(new(MARKER), known(ORPHAN)), "Start with REF001"),
        (only(new(MARKER), known(ORPHAN), fail_on="error", fail_on_new="info", exit_code=1), "Start with KEY005"),
        (only(new(MARKER)), "Nothing urgent, since none of it fails the run. Start with KEY005"),
        (only(known(MARKER)), "Nothing new to do: what is known does not fail the run."),
    ],
)
def test_the_advice_is_about_what_fails_the_run_and_the_new_before_the_known(run: SampleRun, said: str) -> None:
    assert verdict(run.summary).advice.startswith(said)


def test_an_incomplete_run_proves_nothing_new_and_changes_nothing() -> None:
    run = only(known(ORPHAN), complete=False, exit_code=3)
    run.summary["history"]["recorded"] = False
    text = told(run)
    assert "this run is not whole and changes no state" in text
    assert "Nothing new since 2026-03-13 03:30:00 UTC in what was read, which proves nothing" in text


def test_the_order_on_the_terminal_is_new_known_fixed() -> None:
    text = told(history_run())
    places = [text.index(head) for head in ("New since", "Known: 7", "Fixed: 2", "Baseline: 1 suppressed")]
    assert places == sorted(places)
    assert "first seen 2026-02-02, up to 41 nights in a row" in text
    assert "s3_files/images/exports/oseh_ife_gone/r.png" in text
    assert "oseh_ife_0000000000000000000000/r.png" not in text, "examples are of what is new or fixed"


def test_a_run_of_before_there_was_a_history_is_told_as_it_was() -> None:
    old, run = sample_run(), sample_run(history=None, baseline=None, fail_on_new=None)
    assert told(run) == told(old)
    assert page_of(run) == page_of(old)
    assert not re.search(r'class="state |id="state"|data-column="state"', page_of(old))


def test_the_page_says_the_same_of_what_fails_a_run() -> None:
    assert "exit code 1, fails on warning, on what is new from error" in page_of(history_run(fail_on_new="error"))


def rows_of(run: SampleRun) -> list[dict[str, Any]]:
    return [dict(zip(FIELDS, row, strict=False)) for row in embedded(page_of(run))["rows"]]


def test_the_page_knows_the_state_of_each_finding() -> None:
    rows = rows_of(history_run())
    assert [row["state"] for row in rows].count("new") == 3
    assert [row["state"] for row in rows][-2:] == ["fixed", "fixed"]
    (hidden,) = [row for row in rows if row["state"] == "suppressed"]
    assert hidden["reason"] == "builds are kept here until their own bucket is ready"
    assert (hidden["nights"], hidden["first_seen"]) == (9, "2026-03-06T03:30:00Z")


def test_without_javascript_the_new_ones_come_first() -> None:
    text = page_of(history_run())
    body = text[text.index('id="findings"') : text.index('id="data"')]
    states = re.findall(r'<span class="state (\w+)">', body)
    assert states == ["new"] * 3 + ["fixed"] * 2 + ["known"] * 7 + ["suppressed"]
    assert "12 nights" in body


def test_the_page_keeps_all_that_is_new_before_anything_that_is_known() -> None:
    news = [new(finding("REF002", f"s3_files/videos/{place:04}", size=None)) for place in range(60)]
    run = stated_run([*map(known, many_findings(500)), *news], [fixed(finding("REF003", f"z{n}")) for n in range(5)])
    text = "".join(HtmlReport(rows=100).render(run))
    states = [row[FIELDS.index("state")] for row in embedded(text)["rows"]]
    assert [states.count(name) for name in ("new", "fixed", "known")] == [60, 5, 35]
    assert "This page holds 100 of 565 findings" in html.unescape(text)
    assert "31 of 496 known REF001, evenly spread over their keys; every other rule is whole" in html.unescape(text)


def test_one_of_each_is_kept_even_when_new_ones_fill_the_page() -> None:
    shares = in_turn({("new", "A"): 500, ("known", "A"): 500, ("known", "B"): 1, ("suppressed", "A"): 9}, 100)
    assert shares == {("new", "A"): 97, ("known", "B"): 1, ("known", "A"): 1, ("suppressed", "A"): 1}


def test_a_rule_that_has_only_something_fixed_is_in_the_table_of_rules() -> None:
    text = page_of(history_run())
    rules = text[text.index('<section id="rules">') : text.index('<section id="families">')]
    assert '<a href="#rule=EMB002&amp;state=fixed"><span class="state fixed">1 fixed</span></a>' in rules
    assert rules.index("REF002") < rules.index("KEY001")


def test_a_row_without_a_state_is_a_finding_as_ever() -> None:
    row = decode(json.dumps(embedded(page_of(sample_run()))["rows"][0]))
    assert (row["state"], row["first_seen"], row["nights"], row["reason"]) == ("found", None, None, "")


def test_what_is_new_as_a_file_is_what_is_new_and_counts() -> None:
    run = only(new(ORPHAN), known(SIZE), suppressed(new(MARKER)), gone=[fixed(finding("REF001", "z"))])
    lines = "".join(NewCsv().render(run)).splitlines()
    assert [line.split(",")[5] for line in lines] == ["key", "a"]
    assert "".join(NewCsv().render(sample_run())).count("\n") == 1


def test_what_the_summary_counts_is_what_the_findings_are() -> None:
    run = history_run()
    counts = standing.counts(run.summary)
    assert counts["new", "REF001"] == standing.in_state(run.summary, "REF001", State.NEW) == 1
    assert counts["suppressed", "KEY001"] == 1
    assert sum(counts.values()) == len(ordinary_findings()) + 2
