"""The five kinds of rules: when each runs, what it is handed, and what happens where its needs are unmet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from auditor.errors import CannotStart, ListingFailed
from auditor.findings import Need, Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import Context
from auditor.record import Run
from auditor.store.base import Store
from tests.scan.fakes import OLD, MemoryRows, MemoryStore
from tests.scan.running import image, run


def info(code: str, kind: RuleKind, *needs: Need) -> RuleInfo:
    words = dict.fromkeys(("summary", "why", "action", "good", "bad"), "…")
    return RuleInfo(code, code.lower(), Severity.WARNING, kind, **words, needs=frozenset(needs))


class OfTheDocument:
    infos = (info("ZZZ001", RuleKind.DOCUMENT),)

    def check_document(self, context: Context) -> Iterator[Problem]:
        yield Problem("ZZZ001", f"{len(context.spec.families)} families", key=context.spec.families[0].template.text)


class OfABatch:
    infos = (info("ZZZ002", RuleKind.BATCH), info("ZZZ003", RuleKind.BATCH, Need.ROWS))

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        for position in range(len(frame)):
            yield Problem("ZZZ002", frame["key"].iloc[position], position=position)
            yield Problem("ZZZ003", str(frame["row_uid"].iloc[position]), position=position)


class OfTheRun:
    infos = (info("ZZZ004", RuleKind.RUN, Need.FULL_SCAN),)

    def check_run(self, run: Run, context: Context) -> Iterator[Problem]:
        yield Problem("ZZZ004", f"{run.summary['listing']['objects']} objects, {run.objects.stat().st_size > 0}")


class OfTheBucket:
    infos = (info("ZZZ005", RuleKind.BUCKET),)

    def check_bucket(self, store: Store, prefix: str, context: Context) -> Iterator[Problem]:
        yield Problem("ZZZ005", f"{store.url} {prefix!r}")


class FailsOnTheBucket(OfTheBucket):
    def check_bucket(self, store: Store, prefix: str, context: Context) -> Iterator[Problem]:
        raise ListingFailed("uploads cannot be listed")


def said(ran: Any) -> dict[str, str]:
    return {finding.rule: finding.message for finding in ran.found}


def test_every_kind_runs(tmp_path: Path) -> None:
    store = MemoryStore({image(1): (OLD, b"1234")})
    rules = [OfTheDocument(), OfABatch(), OfTheRun(), OfTheBucket()]
    ran = run(tmp_path, store, MemoryRows({image(1): ("uid", 4, OLD)}), rules=rules)
    assert said(ran) == {
        "ZZZ001": "16 families",
        "ZZZ002": image(1),
        "ZZZ003": "uid",
        "ZZZ004": "1 objects, True",
        "ZZZ005": "s3://memory ''",
    }
    assert ran.summary["findings"] == dict.fromkeys(said(ran), 1)


def test_a_rule_whose_need_is_unmet_is_silent_and_the_summary_says_why(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({image(1): (OLD, b"1")}), None, rules=[OfABatch()])
    assert set(said(ran)) == {"ZZZ002"}
    assert {"what": "ZZZ003 zzz003", "because": "there are no rows to compare with"} in ran.summary["not_audited"]


@pytest.mark.parametrize("options", [{"prefix": "s3_files/images/"}, {}])
def test_rules_about_the_whole_bucket_are_silent_on_half_of_it(tmp_path: Path, options: dict[str, Any]) -> None:
    failing = None if options else image(1)
    store = MemoryStore({image(n): (OLD, b"1") for n in range(9)}, fail_listing_after=failing)
    ran = run(tmp_path, store, None, rules=[OfTheRun()], **options)
    assert said(ran) == {}
    assert "ZZZ004 zzz004" in {entry["what"] for entry in ran.summary["not_audited"]}


def test_a_bucket_rule_that_fails_makes_the_run_incomplete(tmp_path: Path) -> None:
    ran = run(tmp_path, MemoryStore({}), None, rules=[FailsOnTheBucket()])
    assert ran.summary["exit_code"] == 3
    assert ran.summary["errors"] == [{"what": "calls of ZZZ005", "message": "uploads cannot be listed"}]


def test_two_rules_with_one_code_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="two rules have the code ZZZ005"):
        run(tmp_path, MemoryStore({}), None, rules=[OfTheBucket(), FailsOnTheBucket()])
