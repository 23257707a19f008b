"""One run's reading: turn by turn until everything had its turn or the budget is spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import plain
from auditor.protocols import Depth
from auditor.rows.base import RowSource
from auditor.scan.content.answers import Answers
from auditor.scan.content.budget import Budget, Limit
from auditor.scan.content.reader import ContentReader, Read
from auditor.scan.content.turns import FAULTY, Level, Turn, Turns
from auditor.scan.units import Unit, Units

NIGHT = timedelta(days=1)


@dataclass
class Session:
    turns: Turns
    limit: Limit
    elapsed: Callable[[], float]
    units: Units
    objects: int = 0  # looked at, by the first reading
    left: int = 0  # whose turn it was, and for which no budget was left
    spent: int = 0  # bytes
    errors: list[dict[str, str]] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)  # questions for which the database lacks a table or column

    def first(self, reader: ContentReader, rows: RowSource | None, advance: Callable[[int], None]) -> None:
        """The first reading of everything whose turn it is."""
        answers, budget = Answers(rows), Budget(self.limit, self.elapsed)
        sample = Budget(Limit(self._share()), self.elapsed)
        for turn in list(self.turns.order(self._queues())):
            sampled = self.turns.level is Level.SAMPLE and turn.depth is Depth.FULL and turn.age != FAULTY
            for unit in self.units.all("contents"):
                queue = self._whose(unit, turn)
                if sampled:
                    queue = queue.slice(0, _fitting(queue, sample, budget))
                if queue.num_rows:
                    self._add(reader.first(unit, queue, turn.depth, answers, budget), advance)
        self.spent += budget.spent
        self.unanswered |= answers.unanswered

    def second(self, reader: ContentReader, rows: RowSource | None, advance: Callable[[int], None]) -> None:
        """Another reading of what seemed faulty: in fresh transactions, whatever it costs."""
        answers, budget = Answers(rows), Budget(Limit(), self.elapsed)
        for unit in self.units.all("suspects"):
            self.errors += reader.second(unit, answers, budget).errors
            advance(1)
        self.spent += budget.spent
        self.unanswered |= answers.unanswered

    def _queues(self) -> Iterator[pa.Table]:
        return (self.units.need(unit, "contents") for unit in self.units.all("contents"))

    def _whose(self, unit: Unit, turn: Turn) -> pa.Table:
        """The unit's objects that have this turn and had none yet in this run."""
        queue = self.units.need(unit, "contents")
        mine = pa.array(self.turns.whose(queue, turn))
        tried = self.units.read(unit, "looked-first")
        if tried is not None:
            mine = pc.and_not(mine, pc.is_in(plain(queue["key"]), value_set=plain(tried["key"])))
        return queue.filter(mine)

    def _share(self) -> int:
        """Bytes: what is read whole in one night, so that everything has its turn within the period."""
        if self.turns.level is not Level.SAMPLE:
            return 0
        return int(sum(pc.sum(queue["size"]).as_py() for queue in self._queues()) * (NIGHT / self.turns.every)) or 1

    def _add(self, read: Read, advance: Callable[[int], None]) -> None:
        self.objects += read.objects
        self.left += read.left
        self.errors += read.errors
        advance(read.objects)


def _fitting(queue: pa.Table, sample: Budget, budget: Budget) -> int:
    """How many of the objects, from the first, fit into the night's share."""
    if budget.closed:
        return 0
    sizes = queue["size"].to_pylist()
    return next((number for number, size in enumerate(sizes) if not sample.take(size)), len(sizes))
