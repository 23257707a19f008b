"""A world with one clock, the server's: seconds since the audit began. What happens is written down as it happens."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from auditor.errors import ObjectUnreadable
from tests.scan.fakes import NOW, MemoryRows, MemoryStore
from tests.scan.running import image
from tests.scan.simulation.schedules import Schedule


@dataclass(frozen=True)
class Stored:
    number: int  # no two uploads have the same
    uploaded: float
    size: int


@dataclass(frozen=True)
class Row:
    number: int
    committed: float
    created_at: float  # by the clock of whoever wrote it
    size: int


@dataclass(frozen=True)
class State:
    """What there is under one key from `since` on, until the next state."""

    since: float
    stored: Stored | None = None
    row: Row | None = None


class World:
    """Plays the schedule: `store` and `rows` are what the audit is given."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.now = float("-inf")
        self.requests = 0
        self.history: dict[str, list[State]] = defaultdict(lambda: [State(float("-inf"))])
        self.heads: dict[str, list[float]] = defaultdict(list)  # key -> when it was looked at
        self.failed: set[str] = set()  # keys of which a HEAD failed
        self._numbers = itertools.count(1)
        self._skews = itertools.cycle(schedule.skews)
        self._due = _timetable(schedule)
        self.store = MemoryStore({}, page=2, before=self._request)
        self.live = MemoryRows({}, page=2, before=self._request)
        self.copy: MemoryRows | None = None
        self._long_before()

    @property
    def rows(self) -> MemoryRows:
        return self.copy or self.live

    def state(self, key: str) -> State:
        return self.history[key][-1]

    def pause(self, seconds: float) -> None:
        self._pass(seconds)

    def _long_before(self) -> None:
        """Everything up to the moment in which the audit begins."""
        backup = self.schedule.backup
        taken = -backup.age + backup.lag if backup else 0
        for moment in sorted({*(moment for moment in self._due if moment < 0), *([taken] if backup else [])}):
            self.now = moment
            self._happen(moment)
            if backup and moment == taken:
                as_of = instant(-backup.age)
                self.copy = MemoryRows(dict(self.live.rows), as_of=as_of, page=2, before=self._request)
        self.now = 0

    def _request(self, operation: str, argument: Any) -> None:
        """Time passes and things happen; then the request is answered."""
        failing = self.requests in self.schedule.failing
        self._pass(self.schedule.delays[self.requests % len(self.schedule.delays)])
        if operation == "HeadObject":
            self.heads[argument].append(self.now)
            if failing:
                self.failed.add(argument)
            error = ObjectUnreadable(argument, "the connection was lost", refused=False)
            self.store.unreadable = {argument: error} if failing else {}

    def _pass(self, seconds: float) -> None:
        self.now += 1
        self._happen(self.requests)
        self.now += seconds
        self.requests += 1

    def _happen(self, moment: int) -> None:
        for key, step in self._due.get(moment, ()):
            self._step(key, step)

    def _step(self, key: str, step: str) -> None:
        before = self.state(key)
        longer = 8 if step == "put longer" else 4
        changes: dict[str, Any] = {
            "put": {"stored": Stored(next(self._numbers), self.now, longer)},
            "put longer": {"stored": Stored(next(self._numbers), self.now, longer)},
            "delete": {"stored": None},
            "insert": {"row": Row(next(self._numbers), self.now, self.now + next(self._skews), 4)},
            "remove": {"row": None},
            "lengthen": {"row": replace(before.row, size=8) if before.row else None},
        }
        after = replace(before, since=self.now, **changes[step])
        self.history[key].append(after)
        _set(self.store.objects, key, after.stored and (instant(after.stored.uploaded), b"x" * after.stored.size))
        row = after.row
        _set(self.live.rows, key, row and (f"uid{row.number}", row.size, instant(row.created_at)))


def instant(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _set(values: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


def _timetable(schedule: Schedule) -> dict[int, list[tuple[str, str]]]:
    due: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, life in enumerate(schedule.lives):
        for moment, step in life.steps():
            due[moment].append((image(number), step))
    return due
