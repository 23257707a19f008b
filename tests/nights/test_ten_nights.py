"""Ten nights of a service in which something goes wrong nearly every day, and what the audit says of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.nights.audits import KILLED, Night, Nightly
from tests.nights.life import Life
from tests.nights.script import NIGHTS, PLANNED, SCRIPT
from tests.nights.service import Service
from tests.nights.story import Digest, Said, Story
from tests.scanning import with_credentials
from tests.servers.quick import without_pauses

START = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)  # half past three in the morning, in California
DATABASE_DOWN, HALF_A_LISTING, MURDER = 4, 6, 8


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch)
    without_pauses(monkeypatch)


def test_ten_nights(tmp_path: Path) -> None:
    service = Service(tmp_path, START)
    nightly = Nightly(service, tmp_path / "runs")
    with service.running():
        story = Story(Life.begin(service), SCRIPT, in_trouble={DATABASE_DOWN, HALF_A_LISTING, MURDER})
        before: Said = frozenset()
        for night in range(1, NIGHTS + 1):
            if night == PLANNED + 1:
                story.between_plan_and_verification()
                story.cleanup()
            story.live_through(night)
            if night == DATABASE_DOWN:
                audit_without_a_database(nightly, night, story)
            elif night == HALF_A_LISTING:
                audit_half_a_listing(nightly, night, story)
            elif night == MURDER:
                audit_killed(nightly, night, story)
            else:
                ran = nightly.in_peace(night)
                print(night, ran.code, sorted(ran.found))
                assert told(ran, before) == story.digest(night), night
                before = ran.found


def told(ran: Night, before: Said) -> Digest:
    return Digest(new=ran.found - before, known=ran.found & before, fixed=before - ran.found)


def audit_without_a_database(nightly: Nightly, night: int, story: Story) -> None:
    """First it cannot begin; tried again, it gets half-way."""
    ran = nightly.without_a_database(night)
    assert (ran.code, ran.run) == (2, None)
    ran = nightly.losing_the_database(night)
    print(night, ran.code, sorted(ran.found))
    assert ran.code == 3
    assert ran.found <= story.there(night)


def audit_half_a_listing(nightly: Nightly, night: int, story: Story) -> None:
    ran = nightly.with_half_a_listing(night)
    print(night, ran.code, sorted(ran.found))
    assert ran.code == 3
    assert ran.found <= story.there(night)


def audit_killed(nightly: Nightly, night: int, story: Story) -> None:
    ran = nightly.killed(night)
    assert ran.code == KILLED
    assert not ran.out.exists()
    print(list(nightly.runs.iterdir()))
