from __future__ import annotations

import gc
import tracemalloc
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from auditor.findings import Finding
from reports.embedded import decode, encode
from reports.labels import label
from reports.sampling import Sample, quotas, take
from tests.reports.patience import unhurried
from tests.reports.sample import finding, many_findings


def sampled(findings: list[Finding], most: int = 100, characters: int = 10**6) -> Sample:
    counts = Counter((label(item), item.rule) for item in findings)
    return take(findings, counts, encode, most=most, most_characters=characters)


@unhurried
@given(st.dictionaries(st.text(max_size=3), st.integers(1, 10**6), max_size=30), st.integers(50, 10_000))
def test_quotas_stay_below_the_cap_and_starve_nobody(counts: dict[str, int], most: int) -> None:
    shares = quotas(counts, most)
    assert sum(shares.values()) <= most
    level = most // max(1, len(counts))
    assert all(min(count, level) <= shares[code] <= count for code, count in counts.items())
    assert sum(shares.values()) == min(most, sum(counts.values())) or max(shares.values()) >= level


def test_a_flood_of_one_rule_hides_no_other() -> None:
    sample = sampled(many_findings(5_000))
    assert len(sample.rows) == 100
    assert sample.taken == {("found", "REF001"): 96, ("found", "REF003"): 1, ("found", "KEY001"): 3}
    assert sum(sample.total.values()) == 5_000


def test_a_few_findings_are_all_there_in_report_order() -> None:
    findings = many_findings(90)
    sample = sampled(findings)
    assert sample.whole
    assert [decode(row)["key"] for row in sample.rows] == [item.key for item in findings]


@unhurried
@given(st.integers(1, 1_000), st.integers(1, 200), st.integers(1, 20_000))
def test_what_is_taken_is_spread_evenly_over_the_keys(count: int, most: int, characters: int) -> None:
    findings = [finding("REF001", f"{place:05}") for place in range(count)]
    places = [int(decode(row)["key"]) for row in sampled(findings, most, characters).rows]
    gaps = [after - before for before, after in zip(places, [*places[1:], count], strict=True)]
    assert places[0] == 0
    assert len(places) <= most
    assert max(gaps) - min(gaps[:-1], default=max(gaps)) <= 1
    assert gaps[-1] <= max(gaps[:-1], default=count)


@unhurried
@given(st.integers(1, 100), st.integers(1, 30_000))
def test_the_text_stays_below_its_cap(count: int, characters: int) -> None:
    findings = [finding("REF001", "\x01" * 1000 + str(place)) for place in range(count)]
    rows = sampled(findings, 1000, characters).rows
    assert len(rows) == 1 or sum(map(len, rows)) <= characters


def test_a_summary_that_counted_wrongly_does_not_lift_the_cap() -> None:
    findings = [finding("REF001", f"{place:05}") for place in range(3_000)]
    sample = take(findings, {("found", "REF001"): 10, ("found", "REF002"): 5}, encode, most=100, most_characters=10**6)
    assert 0 < len(sample.rows) <= 10
    assert sample.total == {("found", "REF001"): 3_000}


def test_memory_does_not_grow_with_the_findings() -> None:
    def peak(count: int) -> int:
        gc.collect()
        tracemalloc.start()
        stream = (finding("REF001", f"images/exports/{place:09}") for place in range(count))
        take(stream, {("found", "REF001"): count}, encode, most=1_000, most_characters=10**7)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # what is loaded and cached only once
    assert peak(8_000) <= 1.2 * peak(1_000)
