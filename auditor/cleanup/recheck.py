"""Objects that rest on rows, judged anew by the audit's own judge: a first look, a pause, and its second look.

An object is ready only if each rule of its grounds would accuse it at the first look, and accuses it at the second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from auditor.cleanup.model import RETENTION, Action, Item
from auditor.cleanup.verdict import Judged, Verdict, of_head
from auditor.errors import RowsFailed
from auditor.findings import Finding
from auditor.frames import OBJECTS, plain
from auditor.scan.apply import apply_rules
from auditor.scan.case import Case
from auditor.scan.columns import ObjectClass
from auditor.scan.looks import Head, aligned
from auditor.scan.remains import Recovery
from auditor.scan.rulebook import findings_of, findings_table
from auditor.scan.second_look import SecondLook
from auditor.scan.sheaves import Sheaf
from auditor.scan.units import Unit

FIRST = "findings"  # what the first look would accuse, in the unit's files


@dataclass(frozen=True)
class NotedLook(SecondLook):
    """The audit's second look, of which is noted what each HEAD said."""

    heads: dict[str, Head] = field(default_factory=dict)

    def head(self, key: str) -> Head:
        seen = super().head(key)
        self.heads[key] = seen
        return seen


def rests_on_rows(item: Item) -> bool:
    return item.action is Action.DELETE and any(rule != RETENTION for rule in item.rules)


@dataclass
class Recheck:
    """Of one plan; chunks are numbered, and each is looked at first, then again."""

    case: Case
    executor: Executor

    def begin(self, *, again: bool) -> None:
        """Reads what is read as a whole before each look: references, the list of files about to be deleted."""
        self.case.sides.begin(again=again)

    def first(self, number: int, items: Sequence[Item]) -> None:
        """Leaves nothing behind where the rows could not be read."""
        table = _objects(items)
        if self.case.rows is None or not table.num_rows:
            return
        try:
            rows, has_row = aligned(table, self.case.rows.lookup(table["key"].to_pylist()))
        except RowsFailed as error:
            self.case.ledger.fail([{"what": "first look at rows", "message": str(error)}])
            return
        columns = {name: plain(rows[name]) for name in rows.column_names}
        sides = self.case.sides
        judged = self.case.bench.objects(table, columns, has_row, rows_known=sides.decisive, beside=sides.first)
        said, _ = apply_rules(self.case.book, self.case.context, judged, second=True)
        unit = Unit(0, number)
        self.case.units.write(unit, "candidates", judged)
        self.case.units.write(unit, FIRST, findings_table(finding for _, finding in said))

    def second(self, number: int, items: Sequence[Item]) -> list[Judged]:
        """A verdict for each item."""
        unit = Unit(0, number)
        candidates = self.case.units.read(unit, "candidates")
        if candidates is None:
            return [Judged(item, Verdict.UNSURE, "its rows could not be read") for item in items]
        look = self._look()
        looked = look(Sheaf([(unit, candidates)]))
        self.case.ledger.fail(looked.errors)
        whole = not looked.rows_unread and not self.case.sides.errors and self.case.sides.decisive
        seen = _Seen(
            heads=look.heads,
            first=self._rules(unit, FIRST),
            second=self._rules(unit, "findings-second"),
            corrected=self._corrected(unit),
            pending=self.pending(items),
            whole=whole,
        )
        return [seen.judge(item) for item in items]

    def pending(self, items: Iterable[Item]) -> Mapping[str, datetime]:
        """Which of the items the list names that was read last."""
        found = self.case.pending.found if self.case.pending else None
        if found is None:
            return {}
        keys = pa.array([item.key for item in items], pa.string())
        times = found.pending_at(keys).to_pylist()
        return {key: at for key, at in zip(keys.to_pylist(), times, strict=True) if at is not None}

    def _look(self) -> NotedLook:
        case = self.case
        recovery = Recovery(case.store, self.executor)
        return NotedLook(
            case.store,
            case.rows,
            case.bench,
            case.book,
            case.context,
            case.units,
            self.executor,
            case.sides,
            recovery,
        )

    def _rules(self, unit: Unit, kind: str) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for finding in self._findings(unit, kind):
            found[finding.key].add(finding.rule)
        return found

    def _findings(self, unit: Unit, kind: str) -> Iterable[Finding]:
        table = self.case.units.read(unit, kind)
        return findings_of(table) if table is not None else ()

    def _corrected(self, unit: Unit) -> Mapping[str, tuple[str, str | None]]:
        rows = self.case.units.need(unit, "corrections").to_pylist()
        return {row["key"]: (row["class"], row["row_uid"]) for row in rows}


@dataclass(frozen=True)
class _Seen:
    """All that both looks saw of one chunk, by key."""

    heads: Mapping[str, Head]
    first: Mapping[str, set[str]]
    second: Mapping[str, set[str]]
    corrected: Mapping[str, tuple[str, str | None]]  # class and row_uid
    pending: Mapping[str, datetime]
    whole: bool  # whether rows, references and the list could be read

    def judge(self, item: Item) -> Judged:
        if item.key not in self.heads:
            return Judged(item, Verdict.UNSURE, "its rows could not be read")
        settled = of_head(item, self.heads[item.key])
        if settled is not None:
            return settled
        if not self.whole:
            return Judged(item, Verdict.UNSURE, "rows, or what refers to them, could not be read to the end")
        if item.key in self.pending:
            return Judged(item, Verdict.REFERENCED, "it is on the list of files about to be deleted")
        return self._by_rows(item)

    def _by_rows(self, item: Item) -> Judged:
        name, uid = self.corrected[item.key]
        if item.row_uid is not None and uid != item.row_uid:
            return Judged(item, Verdict.CHANGED, "its row is gone" if uid is None else "another row has its key")
        needed = set(item.rules) - {RETENTION}
        if needed <= self.first.get(item.key, set()) & self.second.get(item.key, set()):
            return Judged(item, Verdict.READY)
        if item.row_uid is None and name == ObjectClass.OK:
            return Judged(item, Verdict.REFERENCED, "a row has its key")
        if name == ObjectClass.OK:
            return Judged(item, Verdict.REFERENCED, f"{' and '.join(sorted(needed))} no longer holds")
        if name == ObjectClass.ORPHAN:  # it came to be one between the two looks
            return Judged(item, Verdict.REFERENCED, "a row had its key while it was looked at")
        return Judged(item, Verdict.UNSURE, f"it would be judged {name} now")


def _objects(items: Sequence[Item]) -> pa.Table:
    columns = {name: [getattr(item, name) for item in items] for name in OBJECTS.names}
    return pa.table(columns, schema=OBJECTS)
