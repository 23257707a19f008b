"""What is said of a run, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.errors import CannotStart
from auditor.findings import Finding
from auditor.telling.digest import Digest, digest_of
from auditor.telling.examples import examples_of
from auditor.telling.location import Location, check_report_url, locate
from auditor.telling.words import verdict
from tests.reports.sample import SampleRun, clean_run, finding, incomplete_run, sample_run
from tests.telling.runs import as_known, as_new, changed_run, compared_run, first_run, orphans, quiet_run

HERE = Location("audit-1", "/srv/audits/1")


def of(run: SampleRun) -> Digest:
    return digest_of(run, HERE)


def test_what_is_new_and_what_is_fixed() -> None:
    digest = of(changed_run())
    assert [(rule.code, rule.count) for rule in digest.new] == [("REF002", 1), ("REF001", 5)]
    assert digest.new[1].examples == tuple(f"s3_files/images/exports/n{number:04}" for number in range(3))
    assert [(rule.code, rule.name, rule.count) for rule in digest.fixed] == [("REF003", "size-mismatch", 1)]
    assert digest.fixed[0].examples == ("s3_files/journals/keys/master/k",)
    assert (digest.known, digest.suppressed) == (4, 2)
    assert [(rule.code, rule.count) for rule in digest.found] == [("REF002", 1), ("REF001", 9)]
    assert digest.report is HERE


def test_a_suppressed_finding_is_no_example() -> None:
    digest = of(compared_run([replace(each, suppressed="agreed") for each in as_new(*orphans(2, "a/"))]))
    assert (digest.new, digest.found, digest.changed) == ((), (), False)
    agreed = [replace(each, suppressed="agreed") for each in as_new(*orphans(9, "a/"))]
    mixed = of(compared_run(agreed + as_new(*orphans(2, "b/"))))
    assert mixed.new[0].examples == ("b/0000", "b/0001")
    assert mixed.found[0].examples == ("b/0000", "b/0001")


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (quiet_run(), False),
        (changed_run(), True),
        (compared_run(as_new(*orphans(1))), True),
        (compared_run(as_known(*orphans(1)), fixed=orphans(1, "x/")), True),
        (quiet_run(complete=False, exit_code=3, errors=[{"what": "rows", "message": "gone"}]), True),
        (clean_run(), False),
        (sample_run(), True),  # without a history: it fails
        (sample_run(exit_code=0), False),
        (incomplete_run(), True),
    ],
)
def test_who_wakes_up(run: SampleRun, told: bool) -> None:
    assert of(run).changed is told


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (quiet_run(), "complete: 0 new, 0 fixed, 4 known (exit code 1)"),
        (changed_run(), "complete: 6 new, 1 fixed, 4 known, 2 suppressed (exit code 1)"),
        (first_run(), "complete: 2 found, all new, since no audit before this one is on record (exit code 1)"),
        (
            changed_run(complete=False, exit_code=3, errors=[{"what": "rows", "message": "gone"}]),
            "NOT COMPLETE, since 1 part of the evidence failed; prove nothing by it: "
            "the next complete audit tells what is new and fixed (exit code 3)",
        ),
        (clean_run(), "complete: nothing found (exit code 0)"),
        (sample_run(), "complete: 4 errors, 7 warnings (exit code 1)"),
        (
            incomplete_run(),
            "NOT COMPLETE, since 2 parts of the evidence failed; prove nothing by it: "
            "4 errors, 7 warnings (exit code 3)",
        ),
    ],
)
def test_the_verdict(run: SampleRun, line: str) -> None:
    assert verdict(of(run)) == line


def test_families_are_totals_by_weight() -> None:
    run = sample_run()
    families = of(run).families
    assert sum(family.objects for family in families) == run.summary["listing"]["objects"]
    assert sum(family.bytes for family in families) == run.summary["listing"]["bytes"]
    assert [family.bytes for family in families] == sorted((family.bytes for family in families), reverse=True)
    assert "journey_embeddings" not in {family.name for family in families}, "it has no objects"
    assert None in {family.name for family in families}


def test_how_whole_the_audit_was() -> None:
    digest = of(incomplete_run())
    assert (digest.complete, digest.exit_code) == (False, 3)
    assert digest.errors[0] == (
        "rows after s3_files/images/exports/q",
        "The database was closed half-way (disk I/O error).",
    )
    assert digest.not_audited[0] == ("REF004 unreferenced-file", "the tables that refer to files are not at hand")


def test_findings_are_read_no_further_than_they_are_wanted() -> None:
    def endless() -> Iterator[Finding]:
        yield from orphans(2)
        yield finding("REF003", "k")
        yield from orphans(2, "more/")
        pytest.fail("enough was read")

    found = examples_of(endless(), {"REF001": 1_000_000, "REF003": 1})
    assert found["REF003"] == ["k"]
    assert len(found["REF001"]) == 3


def test_a_finding_about_no_object_is_told_by_its_message() -> None:
    assert examples_of([finding("REF003", "", message="The backup is old.")], {"REF003": 1}) == {
        "REF003": ["The backup is old."]
    }


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("https://audits.example.com", "https://audits.example.com/a%20b/report.html"),
        ("https://audits.example.com/nightly/", "https://audits.example.com/nightly/a%20b/report.html"),
        ("https://example.com/show?run={run}#top", "https://example.com/show?run=a%20b#top"),
    ],
)
def test_a_link_to_the_report(template: str, link: str) -> None:
    assert str(locate(Path("runs/a b"), check_report_url(template))) == link


def test_without_a_link_host_and_path_say_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "audit-1")
    monkeypatch.chdir(tmp_path)
    assert str(locate(Path("runs/a\x1bb"))) == f"audit-1:{tmp_path}/runs/a\\x1bb"


@pytest.mark.parametrize(
    "template", ["", "runs", "ftp://x/", "https://", "https://x/a b", "https://x/|y>", "https://x/\n"]
)
def test_what_is_no_link(template: str) -> None:
    with pytest.raises(CannotStart, match="--report-url"):
        check_report_url(template)
