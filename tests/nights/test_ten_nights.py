"""Ten nights of a service to which something happens nearly every day, and what is said of each night.

`script.py` has what happens, and when it must be told; `mishaps.py` has the harm itself, and how it is repaired.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.findings import State
from auditor.runs.folder import open_run
from auditor.text import isoformat
from tests.nights.audits import KILLED, Night, Nightly
from tests.nights.life import A_DAY, Life
from tests.nights.script import NIGHTS, PLANNED, SCRIPT
from tests.nights.service import Service
from tests.nights.story import Digest, Said, Story
from tests.scanning import auditor, with_credentials
from tests.servers.quick import without_pauses
from tests.servers.receiver import Receiver

# Night nine is the machine's present, since a plan asks the machine how old the run is that it is made from.
START = datetime.now(UTC).replace(microsecond=0) - PLANNED * A_DAY
TROUBLE = {  # what the scheduler tries that night, and how it ends
    4: ((Nightly.without_a_database, 2), (Nightly.losing_the_database, 3)),
    6: ((Nightly.with_half_a_listing, 3),),
    8: ((Nightly.killed, KILLED),),
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)
    without_pauses(monkeypatch)


def test_ten_nights(tmp_path: Path) -> None:
    service = Service(tmp_path, START)
    with service.running(), Receiver() as channel:
        options = ("--history", str(tmp_path / "history.sqlite"), "--webhook-url", channel.url)
        nightly = Nightly(service, tmp_path / "runs", options)
        story = Story(Life.begin(service), SCRIPT, in_trouble=TROUBLE)
        for night in range(1, NIGHTS + 1):
            if night == PLANNED + 1:
                clean_up_what_was_planned(story, nightly.runs / f"night-{PLANNED:02}", tmp_path)
            story.live_through(night)
            if night in TROUBLE:
                in_trouble(nightly, story, night, channel)
                continue
            ran, digest = nightly.in_peace(night), story.digest(night)
            assert told(ran) == digest, f"night {night}"
            in_order(ran, story, night)
            if digest.new | digest.fixed:
                check_message(channel, digest.new, digest.fixed)
            check_silence(channel)


# -- what a night tells


def told(ran: Night) -> Digest:
    """By the run's folder."""
    run = open_run(ran.out)
    found = [(finding.state, (finding.rule, finding.key)) for finding in run.findings()]
    return Digest(
        new=frozenset(what for state, what in found if state is State.NEW),
        known=frozenset(what for state, what in found if state is State.KNOWN),
        fixed=frozenset((finding.rule, finding.key) for finding in run.fixed()),
    )


def check_message(channel: Receiver, new: Said, fixed: Said) -> None:
    """What the channel was told since it was last looked at."""
    (got,) = channel.got
    channel.got.clear()
    for told, rules in ((new, got.json["new"]), (fixed, got.json["fixed"])):
        assert {rule["rule"]: rule["count"] for rule in rules or ()} == Counter(rule for rule, _ in told)
        assert {(rule["rule"], key) for rule in rules or () for key in rule["examples"]} <= told


def check_silence(channel: Receiver) -> None:
    assert not channel.got


def in_order(ran: Night, story: Story, night: int) -> None:
    """A whole audit, by the clock of the bucket's server."""
    summary, digest = ran.summary, story.digest(night)
    assert summary["complete"]
    assert summary["started_at"] == isoformat(story.life.night(night))
    assert ran.code == summary["exit_code"] == (1 if digest.new | digest.known else 0)
    assert not list(ran.out.parent.glob("*.partial")), "what a killed audit has left is gone with the next"


def in_trouble(nightly: Nightly, story: Story, night: int, channel: Receiver) -> None:
    """What such a night says is true, though not all of it, and nothing is used up by having been seen."""
    for audit, code in TROUBLE[night]:
        ran = audit(nightly, night)
        assert ran.code == code, f"night {night}"
        assert ran.out.exists() == (code == 3)
        if ran.out.exists():
            assert not ran.summary["complete"]
            assert ran.found <= story.there(night)
            assert ran.found - _known(story, night), "what the next whole night must tell as new was seen already"
            check_message(channel, new=frozenset(), fixed=frozenset())  # only that the audit is half an audit
        check_silence(channel)


def _known(story: Story, night: int) -> Said:
    """What was told before that night."""
    before = story.digest(night - 1)
    return before.new | before.known


# -- the cleanup that is planned from night nine


def clean_up_what_was_planned(story: Story, run: Path, folder: Path) -> None:
    """Plan, the day's work, a second look, and then the deletion of what is left of the plan."""
    service, plan, fresh = story.life.service, folder / "plan", folder / "verified"
    rules = ("--select", "REF001", "--select", "REF004", "--select", "REF007")
    limits = ("--min-nights", "2", "--max-share", "100%")  # a few files are much of a family in so small a bucket
    made = auditor("plan", str(run), *rules, *limits, *service.documented, "--out", str(plan))
    assert made.exit_code == 0, made.output
    assert set(_lines(plan / "objects.jsonl", "key")) == set(story.split())

    story.between_plan_and_verification()

    where = ["--endpoint-url", service.bucket.server.url, "--db", f"sqlite:///{service.path}", *service.documented]
    looked = auditor("verify", str(plan), *where, "--settle", "0s", "--out", str(fresh))
    assert looked.exit_code == 1, looked.output
    split = verified(fresh)
    assert split == story.split()

    story.cleanup(split)
    after = auditor("verify", str(fresh), *where, "--after")
    assert after.exit_code == 0, after.output


def verified(folder: Path) -> Mapping[str, str]:
    """Each key of the plan and what it is now; the manifest for `aws s3api` has what may go, and nothing else."""
    ready = _lines(folder / "objects.jsonl", "key")
    rest = map(json.loads, (folder / "others.jsonl").read_text().splitlines())
    batches = [json.loads(path.read_text()) for path in sorted(folder.rglob("delete-*.json"))]
    assert sorted(one["Key"] for batch in batches for one in batch["Objects"]) == sorted(ready)
    return dict.fromkeys(ready, "ready") | {line["item"]["key"]: line["verdict"] for line in rest}


def _lines(path: Path, name: str) -> list[Any]:
    return [json.loads(line)[name] for line in path.read_text().splitlines()]


# -- the script itself


def test_every_event_is_told_by_the_first_night_that_can() -> None:
    for event in SCRIPT:
        assert event.told == next_good(event.due)
        assert event.fixed == next_good(event.repaired)
        assert event.told < event.fixed


def test_each_trouble_hides_something() -> None:
    for night in TROUBLE:
        assert any(event.due == night < event.told for event in SCRIPT)


def test_every_fate_is_met() -> None:
    assert len({event.fate for event in SCRIPT} - {None}) == 5


def next_good(night: int) -> int:
    """This night, or the first after it that is not in trouble."""
    while night in TROUBLE:
        night += 1
    return night


def test_ordinary_days_are_busy(tmp_path: Path) -> None:
    service = Service(tmp_path, START)
    with service.running():
        life = Life.begin(service)
        there = set(service.bucket.server.objects)
        assert 300 <= len(there) <= 500
        for day in range(1, 4):
            life.day(day)
            now = set(service.bucket.server.objects)
            assert len(now - there) >= 40
            assert len(there - now) >= 20
            assert service.now - START == timedelta(days=day)
            there = now
