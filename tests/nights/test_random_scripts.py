"""Any mishaps on any days, in any year: each is told once as new and once as fixed, and nothing else ever is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.nights import mishaps
from tests.nights.audits import Nightly, told
from tests.nights.life import Life
from tests.nights.mishaps import Mishap
from tests.nights.script import Event
from tests.nights.service import Service
from tests.nights.story import Said, Story
from tests.scanning import with_credentials
from tests.servers.quick import without_pauses

NIGHTS, EXAMPLES = 4, 4
# what one of these does to the embeddings or the key specification is another's concern; the list heals by itself
ALONE = {
    mishaps.new_embeddings_leave_the_old_ones,
    mishaps.embeddings_that_are_no_numbers,
    mishaps.films_in_segments,
    mishaps.file_in_use_left_on_the_list,
}
TOGETHER = [mishap for mishap in mishaps.ALL.values() if mishap not in ALONE]


@st.composite
def scripts(draw: st.DrawFn) -> tuple[set[int], list[Event]]:
    """Nights on which the listing fails, never the last, and up to five events that come to an end before it."""
    in_trouble = draw(st.sets(st.integers(1, NIGHTS - 1), max_size=1))
    events = []
    for mishap in draw(st.lists(st.sampled_from(TOGETHER), min_size=1, max_size=5)):
        day = draw(st.integers(1, NIGHTS - 1))
        repaired = draw(st.integers(day + 1, NIGHTS))
        events.append(_event(mishap, day, repaired, in_trouble))
    return in_trouble, events


def _event(mishap: Mishap, day: int, repaired: int, in_trouble: set[int]) -> Event:
    told, fixed = _first_good(day + mishap.young, in_trouble), _first_good(repaired, in_trouble)
    return Event(mishap, day, told, repaired, fixed)


def _first_good(night: int, in_trouble: set[int]) -> int:
    return next(number for number in range(night, night + 3) if number not in in_trouble)


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        with_credentials(patch)
        without_pauses(patch)
        yield


def test_everything_at_once_is_told_once() -> None:
    """Every mishap, begun on the three days in turn and repaired on the last; the second night sees half a listing."""
    days = [1 + place % (NIGHTS - 1) for place in range(len(TOGETHER))]
    told_once(
        {2}, [_event(mishap, day, NIGHTS, {2}) for mishap, day in zip(TOGETHER, days, strict=True)], 1_800_000_000
    )


@pytest.mark.slow  # the same examples every time, as they come: to shrink one would take an hour
@settings(max_examples=EXAMPLES, phases=[Phase.generate], derandomize=True, database=None, deadline=None)
@given(scripts(), st.integers(1_050_000_000, 4_000_000_000))
def test_every_event_is_told_once(script: tuple[set[int], list[Event]], start: int) -> None:
    told_once(*script, start)


def told_once(in_trouble: set[int], events: list[Event], start: int) -> None:
    with TemporaryDirectory() as folder:
        service = Service(Path(folder), datetime.fromtimestamp(start, UTC))
        nightly = Nightly(service, Path(folder) / "runs", content="none")
        with service.running():
            story = Story(Life.begin(service), events, in_trouble)
            before: Said = frozenset()
            news: Counter[tuple[str, str]] = Counter()
            fixed: Counter[tuple[str, str]] = Counter()
            for night in range(1, NIGHTS + 1):
                story.live_through(night)
                if night in in_trouble:
                    assert nightly.with_half_a_listing(night).found <= story.there(night)
                    continue
                ran = nightly.in_peace(night)
                assert ran.found == story.there(night)
                digest = told(ran, before)
                assert digest == story.digest(night)
                before = ran.found
                news.update(digest.new)
                fixed.update(digest.fixed)
            assert news == fixed == Counter(story.ever_told())
