"""Break a rule of the audit, and the simulation finds a false accusation: it would see the fault if it were there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.strategies import SearchStrategy

from tests.scan.running import Ran
from tests.scan.simulation import broken
from tests.scan.simulation.broken import Break
from tests.scan.simulation.playing import play
from tests.scan.simulation.schedules import FEW_REQUESTS, HOUR, LONG_AGO, Schedule, focused, schedules
from tests.scan.simulation.truth import false_accusations, never_overdue, unborne
from tests.scan.simulation.world import World

SEARCH = settings(derandomize=True, max_examples=1500, phases=[Phase.generate], deadline=None, database=None)

UPLOAD, UPLOAD_CRASH, ROW_CRASH = "upload, then row", "upload, then crash", "row, then crash"
REPLACE, REWRITE, OVERWRITE = "replace the row", "rewrite the object", "overwrite, then row"
PURGE, UNLINK = "delete row, then object", "delete object, then row"
FIRST_LOOK = (2, 8)  # the requests of it, when there are three keys
SECOND_LOOK = (10, FEW_REQUESTS)
EVERY_HEAD = range(2 * FEW_REQUESTS)


# The row comes while the listing is waited for.
LATE_UPLOADS = focused(UPLOAD, begun=[-HOUR], slow=30 * HOUR)


@dataclass(frozen=True)
class Case:
    broken: Break
    worlds: SearchStrategy[Schedule]
    fault: Callable[[World, Ran], list[str]] = false_accusations


FOUND = {
    "the cutoff is taken after the listing, and nothing is looked at again": Case(
        broken.LATE_CUTOFF + broken.NO_SECOND_LOOK, LATE_UPLOADS, never_overdue
    ),
    "the cutoff is taken by the auditor's clock": Case(broken.OWN_CLOCK, schedules(failing=False, backup=False)),
    "by a backup, objects are judged as by live rows": Case(
        broken.BACKUP_AS_NOW, schedules(failing=False, backup=True)
    ),
    "young rows are no reference": Case(broken.OLD_ROWS_ALONE, focused(UPLOAD, REPLACE)),
    "young objects are no reference": Case(broken.OLD_OBJECTS_ALONE, focused(UPLOAD, REWRITE)),
    "nothing is looked at again": Case(broken.NO_SECOND_LOOK, focused(UPLOAD, REPLACE)),
    "no settling time, objects": Case(broken.NO_SETTLING, focused(UPLOAD, PURGE)),
    "no settling time, rows": Case(broken.NO_SETTLING, focused(UPLOAD, UNLINK)),
    "rows are read before the listing, and nothing is looked at again": Case(
        broken.ROWS_FIRST + broken.NO_SECOND_LOOK, focused(UPLOAD, PURGE, moments=FIRST_LOOK), never_overdue
    ),
    "rows are looked up in the transaction of the pages": Case(broken.ONE_TRANSACTION, focused(UPLOAD, REPLACE)),
    "a HEAD that fails is a 404": Case(broken.ANY_FAILURE_IS_GONE, focused(UPLOAD, REWRITE, failing=EVERY_HEAD)),
    "what HEAD says of an object that is there is not looked at": Case(
        broken.HEAD_UNREAD, focused(UPLOAD_CRASH, REWRITE, begun=LONG_AGO[:1])
    ),
    "the rows are not looked up again after the HEAD": Case(
        broken.ROWS_ONCE, focused(UPLOAD_CRASH, ROW_CRASH, begun=LONG_AGO[:1], moments=SECOND_LOOK)
    ),
}

# The second look makes up for much of what the first did wrong, so that these need an unlucky moment at both looks.
FOUND_RARELY = {
    "the cutoff is taken after the listing": Case(
        broken.LATE_CUTOFF, focused(UPLOAD, REPLACE, begun=[-HOUR, 6], slow=30 * HOUR)
    ),
    "young rows are no reference at the first look": Case(broken.OLD_ROWS_AT_FIRST, focused(UPLOAD, REPLACE, REPLACE)),
    "young objects are no reference at the first look": Case(
        broken.OLD_OBJECTS_AT_FIRST, focused(UPLOAD, OVERWRITE, REWRITE)
    ),
}


def found(case: Case) -> Schedule:
    """Raises NoSuchExample when the budget does not suffice."""
    return find(case.worlds, lambda schedule: bool(case.fault(*case.broken.play(schedule))), settings=SEARCH)


@pytest.mark.parametrize("name", FOUND)
def test_a_broken_rule_is_found(name: str) -> None:
    schedule = found(FOUND[name])
    assert unborne(*play(schedule)) == [], "the world is to blame, not the break"


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND_RARELY)
def test_a_broken_rule_of_the_first_look_is_found_too(name: str) -> None:
    schedule = found(FOUND_RARELY[name])
    assert unborne(*play(schedule)) == []


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(schedules())
def test_rows_that_are_read_before_the_listing_are_made_up_for(schedule: Schedule) -> None:
    assert unborne(*broken.ROWS_FIRST.play(schedule)) == []


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(LATE_UPLOADS)
def test_of_an_upload_alone_a_frozen_cutoff_suffices(schedule: Schedule) -> None:
    """So what the first of FOUND finds is the late cutoff, and not that nothing is looked at again."""
    assert never_overdue(*broken.NO_SECOND_LOOK.play(schedule)) == []


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(focused(UPLOAD, PURGE))
def test_of_a_purge_alone_reading_rows_last_suffices(schedule: Schedule) -> None:
    """So what FOUND finds of rows that are read first is the order of reading: with the right one, no row dangles."""
    world, ran = broken.NO_SECOND_LOOK.play(schedule)
    assert not set(never_overdue(world, ran)) & ran.about("REF002")
