"""Whatever happens between the requests of an audit, what it says is borne out by what really was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.scan.simulation.playing import play
from tests.scan.simulation.schedules import Schedule, schedules
from tests.scan.simulation.truth import unborne

EXAMPLES = 80


@settings(max_examples=EXAMPLES, deadline=None)
@given(schedules())
def test_what_is_said_was_so(schedule: Schedule) -> None:
    assert unborne(*play(schedule)) == []


@pytest.mark.slow
@settings(max_examples=20 * EXAMPLES, deadline=None)
@given(schedules())
def test_what_is_said_was_so_at_length(schedule: Schedule) -> None:
    assert unborne(*play(schedule)) == []
