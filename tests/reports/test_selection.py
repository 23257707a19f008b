from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.findings import Finding, State
from auditor.record import Run
from reports.digest import digest
from reports.jsonl import JsonLinesReport
from reports.junit import JunitReport
from reports.labels import LABELS, PLACES, label
from reports.markdown import MarkdownReport
from reports.sarif import SarifReport
from reports.selection import Selection
from reports.terminal import TerminalReport
from tests.reports.nights import fixed, history_run, known, new, stated_run, suppressed
from tests.reports.patience import unhurried
from tests.reports.sample import RULES, finding

STATES: dict[str, Callable[[Finding], Finding]] = {
    "new": new,
    "known": known,
    "fixed": fixed,
    "suppressed": lambda found: suppressed(known(found)),
}
CHOICES = st.lists(st.tuples(st.sampled_from(list(STATES)), st.sampled_from(list(RULES))), max_size=40)


def run_of(choices: list[tuple[str, str]]) -> Run:
    made = [STATES[state](finding(rule, f"{place:03}")) for place, (state, rule) in enumerate(choices)]
    present = [item for item in made if label(item) != "fixed"]
    return stated_run(present, [item for item in made if label(item) == "fixed"])


def weight(found: Finding) -> tuple[int, int]:
    return PLACES[label(found)], -found.severity.weight


@unhurried
@given(CHOICES, st.integers(0, 50))
def test_nothing_that_is_left_out_weighs_more_than_what_is_taken(choices: list[tuple[str, str]], most: int) -> None:
    run = run_of(choices)
    every = [*run.findings(), *run.fixed()]
    selection = Selection(run, most)
    taken = list(selection.findings())
    assert sorted(map(weight, taken)) == sorted(map(weight, every))[:most]
    assert taken == [item for item in every if item in taken], "the order is the report's"
    missing = Counter(map(label, every)) - Counter(map(label, taken))
    assert +selection.left_out == missing
    assert (selection.sentence is None) == (not missing)
    assert all(f"{count:,} {name}" in (selection.sentence or "") for name, count in missing.items())


@unhurried
@given(CHOICES)
def test_a_digest_counts_each_finding_once(choices: list[tuple[str, str]]) -> None:
    run = run_of(choices)
    every = [*run.findings(), *run.fixed()]
    found = digest(run)
    assert found.count(*LABELS) == len(every)
    for (name, rule), part in found.parts.items():
        mine = [item for item in every if (label(item), item.rule) == (name, rule)]
        assert part.count == len(mine)
        assert part.examples == [item.key for item in mine][:5]
        assert part.bytes == sum(item.size or 0 for item in mine)
        assert part.nights == max(item.nights or 0 for item in mine)
        assert part.first_seen == min(item.first_seen for item in mine if item.first_seen)


def test_bytes_of_a_key_that_a_rule_names_twice_count_once() -> None:
    twice = [known(finding("KEY003", "a", size=10, fingerprint=name * 64)) for name in "ab"]
    (part,) = digest(stated_run(twice)).of("known")
    assert (part.count, part.bytes, part.examples) == (2, 10, ["a"])


@dataclass
class Long:
    """A run whose findings are made as they are asked for."""

    count: int
    summary: dict[str, Any]
    objects: Path = Path("objects.parquet")

    def findings(self) -> Iterator[Finding]:
        found = known(finding("REF001", "", family="images/exports"))
        for place in range(self.count):
            state = State.NEW if place % 7 == 0 else State.KNOWN
            yield replace(found, key=f"s3_files/images/exports/{place:09}", state=state)

    def fixed(self) -> Iterator[Finding]:
        found = fixed(finding("REF001", ""))
        yield from (replace(found, key=f"{place:09}") for place in range(self.count // 10))


OTHERS = [JsonLinesReport(), JunitReport(), MarkdownReport(), TerminalReport()]
REPORTS = [SarifReport(results=200), *(pytest.param(report, marks=pytest.mark.slow) for report in OTHERS)]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_memory_does_not_grow_with_the_findings(report: Any) -> None:
    def peak(count: int) -> int:
        run = Long(count, history_run().summary)
        gc.collect()
        tracemalloc.start()
        for _ in report.render(run):
            pass
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # what is loaded and cached only once
    assert peak(4_000) <= 1.3 * peak(1_500)
