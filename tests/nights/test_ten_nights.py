"""Ten nights of a service to which something happens nearly every day, and what is said of each night.

`script.py` has what happens, and when it must be told; `mishaps.py` has the harm itself, and how it is repaired.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.text import isoformat
from tests.nights.audits import KILLED, Night, Nightly, told
from tests.nights.life import A_DAY, Life
from tests.nights.script import NIGHTS, PLANNED, SCRIPT
from tests.nights.service import Service
from tests.nights.story import Said, Story
from tests.scanning import with_credentials
from tests.servers.quick import without_pauses

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
    nightly = Nightly(service, tmp_path / "runs")
    with service.running():
        story = Story(Life.begin(service), SCRIPT, in_trouble=TROUBLE)
        before: Said = frozenset()
        for night in range(1, NIGHTS + 1):
            if night == PLANNED + 1:
                story.between_plan_and_verification()
                story.cleanup(story.split())
            story.live_through(night)
            if night in TROUBLE:
                in_trouble(nightly, story, night, before)
                continue
            ran = nightly.in_peace(night)
            assert told(ran, before) == story.digest(night), f"night {night}"
            in_order(ran, story, night)
            before = ran.found


def in_order(ran: Night, story: Story, night: int) -> None:
    """A whole audit, by the clock of the bucket's server."""
    summary, digest = ran.summary, story.digest(night)
    assert summary["complete"]
    assert summary["started_at"] == isoformat(story.life.night(night))
    assert ran.code == summary["exit_code"] == (1 if digest.new | digest.known else 0)


def in_trouble(nightly: Nightly, story: Story, night: int, before: Said) -> None:
    """What such a night says is true, though not all of it, and there is no folder that looks whole and is not."""
    for audit, code in TROUBLE[night]:
        ran = audit(nightly, night)
        assert ran.code == code, f"night {night}"
        assert ran.out.exists() == (code == 3)
        if ran.out.exists():
            assert not ran.summary["complete"]
            assert ran.found <= story.there(night)
            assert ran.found - before, "what the next whole night must tell as new was seen already"


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
