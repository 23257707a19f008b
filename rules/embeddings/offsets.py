"""EMB008: whether the items of the database point at the records of their journeys."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.findings import Problem
from auditor.text import printable
from rules.embeddings.known import Item
from rules.embeddings.layout import Layout
from rules.embeddings.ledger import Ledger


class Offsets:
    """Is told of every record in turn; `finish` then has what no record answered to."""

    def __init__(self, layout: Layout, items: Sequence[Item], ledger: Ledger) -> None:
        self._length = layout.record_length
        self._ledger = ledger
        self._open: dict[object, list[Item]] = {}
        for item in items:
            self._open.setdefault(item.offset, []).append(item)

    def meet(self, number: int, uid: str) -> None:
        """Record `number` is the journey's. An item whose journey was deleted since cannot be wrong about it."""
        for item in self._open.pop(number * self._length, ()):
            if item.uid is not None and item.uid != uid:
                self._add(item, f"where record {number} is for {uid}; expected the record of {_name(item)}")

    def skip(self, number: int) -> None:
        """Record `number` was accused already, so nothing can be said about its items."""
        self._open.pop(number * self._length, None)

    def finish(self, count: int, *, length_accused: bool) -> None:
        """After all `count` whole records. A file that is known to be short needs no word about each item beyond."""
        end = count * self._length
        for item in (item for items in self._open.values() for item in items):
            if isinstance(item.offset, int) and item.offset < end:
                self._add(item, "where no record begins; expected the first byte of one")
            elif not length_accused:
                self._add(item, f"which is not in the file; expected less than {end:,}")

    def _add(self, item: Item, rest: str) -> None:
        offset = printable(str(item.offset))
        message = f"The item of {_name(item)} points at byte {offset}, {rest}."
        self._ledger.add(Problem("EMB008", message, subject=item.uid or f"item at {offset}"))


def _name(item: Item) -> str:
    return "a deleted journey" if item.uid is None else printable(item.uid)
