"""The audit with one of its rules broken, each as somebody would write it who does not know the rule.

A break is a context in which the engine is patched, or a swap of a part of the case, or both; see `Break`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ObjectUnreadable
from auditor.frames import INSTANT, OBJECTS
from auditor.progress import Silent
from auditor.scan import judging, second_look
from auditor.scan.case import Case
from auditor.scan.judge import Law
from auditor.scan.second_look import SecondLook
from auditor.store.base import ObjectFacts
from tests.scan.fakes import MemoryRows, MemoryStore
from tests.scan.running import Ran
from tests.scan.simulation.playing import play
from tests.scan.simulation.schedules import HOUR, MIN_AGE, Schedule
from tests.scan.simulation.world import World, instant

NEVER = 1e9  # seconds

Swap = Callable[[World, Case], Case]
Patch = Callable[[], Any]  # a context manager


@dataclass(frozen=True)
class Break:
    swaps: tuple[Swap, ...] = ()
    patches: tuple[Patch, ...] = ()

    def __add__(self, other: Break) -> Break:
        return Break(self.swaps + other.swaps, self.patches + other.patches)

    def play(self, schedule: Schedule) -> tuple[World, Ran]:
        with ExitStack() as stack:
            for broken in self.patches:
                stack.enter_context(broken())
            return play(schedule, self._swap)

    def _swap(self, world: World, case: Case) -> Case:
        for swap in self.swaps:
            case = swap(world, case)
        return case


# -- the cutoff


def _late(world: World, case: Case) -> Case:
    """What is old is decided when the listing is done: until then, everything without a row is suspected."""
    law = Law(case.law.policies, instant(NEVER), instant(NEVER))

    class Late(Silent):
        def stage(self, name: str, total: int | None = None) -> None:
            if name == "looking again":
                for cutoff in ("cutoff", "object_cutoff"):
                    object.__setattr__(law, cutoff, instant(world.now - MIN_AGE))

    return replace(case, law=law, progress=Late())


def _own_clock(world: World, case: Case) -> Case:
    """The cutoff is taken from the auditor's clock, which is two days ahead of the server's."""
    wrong = instant(48 * HOUR - MIN_AGE)
    return replace(case, law=replace(case.law, cutoff=wrong, object_cutoff=wrong))


def _backup_as_now(world: World, case: Case) -> Case:
    """By a backup, objects are judged as by a live database."""
    return replace(case, law=replace(case.law, object_cutoff=case.law.cutoff))


# -- the references


class _OldRows(MemoryRows):
    """Young rows are left out, since they "cannot be judged yet"."""

    lookup_too = True

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        yield from map(self._old, super().pages(after, until))

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        return self._old(super().lookup(keys)) if self.lookup_too else super().lookup(keys)

    @staticmethod
    def _old(table: pa.Table) -> pa.Table:
        return table.filter(pc.less(table["created_at"], pa.scalar(instant(-MIN_AGE), INSTANT)))


class _OldRowsAtFirst(_OldRows):
    lookup_too = False


class _OldObjects(MemoryStore):
    """Young objects are left out."""

    head_too = True

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        for page in super().list(prefix, after, until):
            old = page.filter(pc.less(page["last_modified"], pa.scalar(instant(-MIN_AGE), INSTANT)))
            if old.num_rows:
                yield old

    def head(self, key: str) -> ObjectFacts | None:
        head = super().head(key)
        return None if head and self.head_too and head.last_modified >= instant(-MIN_AGE) else head


class _OldObjectsAtFirst(_OldObjects):
    head_too = False


# -- when rows are read


class _RowsBefore(MemoryRows):
    """All pages are read when the first is asked for, and that is done before the listing (see `_rows_first`)."""

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        if not hasattr(self, "read"):
            self.read = list(super().pages(None, None))
        for page in self.read:
            keys = page["key"].to_pylist()
            wanted = [(after is None or key > after) and (until is None or key <= until) for key in keys]
            yield page.filter(pa.array(wanted, pa.bool_()))


class _RowsBeforeListing(MemoryStore):
    rows: MemoryRows

    def list(self, prefix: str = "", after: str | None = None, until: str | None = None) -> Iterator[pa.Table]:
        list(self.rows.pages(None, None))
        yield from super().list(prefix, after, until)


def _rows_first(world: World, case: Case) -> Case:
    case = _as_rows(_RowsBefore)(world, case)
    case = _as_store(_RowsBeforeListing)(world, case)
    case.store.rows = case.rows  # type: ignore[attr-defined]
    return case


class _OneTransaction(MemoryRows):
    """Look-ups see what was there when the first page was read: the transaction was never ended."""

    def pages(self, after: str | None, until: str | None) -> Iterator[pa.Table]:
        if not hasattr(self, "then"):
            self.then = dict(self.rows)
        yield from super().pages(after, until)

    def lookup(self, keys: Sequence[str]) -> pa.Table:
        if not hasattr(self, "then"):
            return super().lookup(keys)
        self.before("lookup", keys)
        return MemoryRows(self.then).lookup(keys)


# -- the second look


class _NotLooking(SecondLook):
    """What the first look suspected is judged by what the first look saw."""

    def _judge(self, chunk: pa.Table, looked: Any) -> pa.Table:
        listed = chunk.select(OBJECTS.names).to_pylist()
        heads: list[Any] = [None if facts["size"] is None else ObjectFacts(**facts) for facts in listed]
        return self._anew(chunk, heads, None, None)


class _RowsOnce(SecondLook):
    """The rows are not read again after the HEAD."""

    def _anew(self, chunk: pa.Table, heads: Any, earlier: pa.Table | None, later: pa.Table | None) -> pa.Table:
        return super()._anew(chunk, heads, earlier, None)


def _as_listed(chunk: pa.Table, heads: Any) -> pa.Table:
    """HEAD is asked whether the object is there, and not what it is now."""
    return chunk.select(OBJECTS.names)


class _AnyFailureIsGone(MemoryStore):
    def head(self, key: str) -> ObjectFacts | None:
        try:
            return super().head(key)
        except ObjectUnreadable:
            return None


def _as_rows(kind: type[MemoryRows]) -> Swap:
    """The same rows, seen through another class."""

    def swap(world: World, case: Case) -> Case:
        rows = world.rows
        return replace(case, rows=kind(rows.rows, as_of=rows.as_of, page=rows.page, before=rows.before))

    return swap


def _as_store(kind: type[MemoryStore]) -> Swap:
    def swap(world: World, case: Case) -> Case:
        world.store = kind(world.store.objects, page=world.store.page, before=world.store.before)
        return replace(case, store=world.store)

    return swap


@contextmanager
def _no_settling() -> Iterator[None]:
    with patch.object(judging, "_settle", lambda case, swept_at: None):
        yield


LATE_CUTOFF = Break((_late,))
OWN_CLOCK = Break((_own_clock,))
BACKUP_AS_NOW = Break((_backup_as_now,))
OLD_ROWS_ALONE = Break((_as_rows(_OldRows),))
OLD_ROWS_AT_FIRST = Break((_as_rows(_OldRowsAtFirst),))
OLD_OBJECTS_ALONE = Break((_as_store(_OldObjects),))
OLD_OBJECTS_AT_FIRST = Break((_as_store(_OldObjectsAtFirst),))
ROWS_FIRST = Break((_rows_first,))
ONE_TRANSACTION = Break((_as_rows(_OneTransaction),))
NO_SECOND_LOOK = Break((), (lambda: patch.object(judging, "SecondLook", _NotLooking),))
NO_SETTLING = Break((), (_no_settling,))
ROWS_ONCE = Break((), (lambda: patch.object(judging, "SecondLook", _RowsOnce),))
HEAD_UNREAD = Break((), (lambda: patch.object(second_look, "fresh", _as_listed),))
ANY_FAILURE_IS_GONE = Break((_as_store(_AnyFailureIsGone),))
NOTHING_BROKEN = Break()
