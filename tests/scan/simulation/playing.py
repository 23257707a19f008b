"""The real audit in the middle of a world."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

from auditor.plugins import load_rules
from auditor.progress import Silent
from auditor.protocols import Rule
from auditor.scan import canary, judging
from auditor.scan.audit import audit
from auditor.scan.case import Case, Clock, open_case
from auditor.scan.content.turns import Level
from auditor.scan.options import Options
from auditor.scan.rulebook import all_infos
from auditor.scan.shards import cut
from tests.scan.running import Ran, image, shipped
from tests.scan.simulation.schedules import MIN_AGE, SETTLE, Schedule
from tests.scan.simulation.world import World

Opened = Callable[[World, Case], Case]


def play(schedule: Schedule, opened: Opened = lambda world, case: case) -> tuple[World, Ran]:
    """Audits the schedule's world; `opened` may swap parts of the case before it begins.

    One shard after the other, and one HEAD: what threads do to the order of requests must not differ from run to run.
    """
    world = World(schedule)
    shards = cut((image(number) for number in schedule.cuts), "")
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(judging, "LOOKING", 1),
        patch.object(canary, "LOOKING", 1),
        patch("auditor.scan.audit.plan_shards", lambda *_: shards),
    ):
        case = opened(world, _case(world, Path(folder)))
        return world, Ran(audit(case, Path(folder)))


def _case(world: World, folder: Path) -> Case:
    clock = Clock(world.store.clock(), monotonic=lambda: world.now, pause=world.pause)
    options = Options(min_age=timedelta(seconds=MIN_AGE), settle=timedelta(seconds=SETTLE), content=Level.NONE)
    return open_case(
        store=world.store,
        rows=world.rows,
        spec=shipped(),
        rules=_rules(),
        selected=frozenset({"REF001", "REF002", "REF003"} & set(all_infos(_rules()))),
        options=options,
        clock=clock,
        folder=folder,
        progress=Silent(),
    )


@cache
def _rules() -> list[Rule]:
    return load_rules()
