"""The first look: one shard of the bucket, batch by batch.

Order matters. The objects of a range are listed first and the rows of that range are read after, so an object that
was there before its row is never seen without it. Nothing is accused here: what looks wrong becomes a candidate.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ListingFailed, RowsFailed
from auditor.frames import OBJECTS, plain
from auditor.progress import Progress
from auditor.protocols import Context
from auditor.rows.base import RowSource
from auditor.rows.order import in_order
from auditor.scan.apply import apply_rules
from auditor.scan.batch import Bench
from auditor.scan.columns import MERGED, RECORD, Mask, ObjectClass, RowClass, codes_of, count_values
from auditor.scan.content.verified import STATE, Verified, forgotten, known_looks
from auditor.scan.merge import RowJoin, prefix_range
from auditor.scan.rulebook import RuleBook, findings_table
from auditor.scan.sheaves import Sheaf, sheaves
from auditor.scan.sides import Sides
from auditor.scan.unexplained import unexplained
from auditor.scan.units import Unit, Units
from auditor.store.base import Store

NOT_LISTED = "not listed"  # what became of a watched key that no page has


@dataclass(frozen=True)
class Shard:
    """Keys in (after, until]; None is the end of the bucket."""

    number: int
    after: str | None = None
    until: str | None = None

    def __str__(self) -> str:
        return f"keys after {self.after!r} up to {self.until!r}" if self.after or self.until else "all keys"


@dataclass
class Swept:
    """What a shard's sweep adds to the run's accounts."""

    objects: int = 0
    size: int = 0  # bytes
    rows: int = 0  # rows read
    row_classes: Counter[str] = field(default_factory=Counter)  # dangling rows are counted by the second look
    need_row: int = 0  # objects that need a row and are old enough to be judged
    lack_row: int = 0  # those of them without one
    watched: dict[str, str] = field(default_factory=dict)  # watched key -> class, of what was read to its end
    errors: list[dict[str, str]] = field(default_factory=list)
    rows_failed: bool = False
    listing_failed: bool = False

    @property
    def failed(self) -> bool:
        return self.rows_failed or self.listing_failed


@dataclass(frozen=True)
class Sweep:
    """Everything that the sweeps of all shards share."""

    store: Store
    rows: RowSource | None
    prefix: str
    bench: Bench
    book: RuleBook
    context: Context
    units: Units
    progress: Progress
    content_families: frozenset[str]
    sides: Sides
    verified: Verified | None
    watched: Sequence[str] = ()  # keys in order; what becomes of them is told in `Swept.watched`
    stopped: Event = field(default_factory=Event)  # set when the run is interrupted: shards end with their batch

    def __call__(self, shard: Shard) -> Swept:
        return _ShardSweep(self, shard).run()

    def known_looks(self, after: str | None, until: str | None) -> pa.Table:
        """What earlier runs knew of the contents of this range."""
        return STATE.empty_table() if self.verified is None else self.verified.range(self.prefix, after, until)


class _ShardSweep:
    def __init__(self, shared: Sweep, shard: Shard) -> None:
        self._shared = shared
        self._shard = shard
        self._swept = Swept()
        self._batches = itertools.count()
        self._held: list[Unit] = []  # units with rows that no object has, read to the end of their range

    def run(self) -> Swept:
        after = self._shard.after
        try:
            for page in self._shared.store.list(self._shared.prefix, self._shard.after, self._shard.until):
                if self._shared.stopped.is_set():
                    return self._swept
                last = page["key"][-1].as_py()
                self._batch(page, after, last)
                after = last
        except ListingFailed as error:
            # What was listed before is whole up to its last key; the rest of the range says nothing about anything.
            self._swept.listing_failed = True
            self._fail(f"listing of {self._shard}, after {after!r}", error)
        else:
            self._batch(OBJECTS.empty_table(), after, self._shard.until)
        self._judge_held()
        return self._swept

    def _fail(self, what: str, error: Exception) -> None:
        self._swept.errors.append({"what": what, "message": str(error)})

    def _batch(self, objects: pa.Table, after: str | None, until: str | None) -> None:
        batch = next(self._batches)
        objects = objects.combine_chunks()
        join = RowJoin(plain(objects["key"]))
        rows_known = self._read_rows(batch, join, after, until)
        columns, has_row = join.finish()
        self._swept.row_classes[RowClass.MATCHED] += join.matched_rows
        if objects.num_rows:
            sides = self._shared.sides
            known = rows_known and sides.decisive
            table = self._shared.bench.objects(objects, columns, has_row, rows_known=known, beside=sides.first)
            self._account(Unit(self._shard.number, batch), table, has_row)
            objects = table
        self._queue_contents(Unit(self._shard.number, batch), objects, after, until)
        if rows_known:
            self._watch(objects, after, until)

    def _read_rows(self, batch: int, join: RowJoin, after: str | None, until: str | None) -> bool:
        """Whether the rows of the range were read to their end. Rows that no object has are held back until then."""
        rows = self._shared.rows
        if rows is None or self._swept.rows_failed:
            return False
        held: list[Unit] = []
        try:
            for page in self._row_pages(rows, after, until):
                self._swept.rows += page.num_rows
                lonely = join.add(page)
                if lonely.num_rows:
                    held.append(Unit(self._shard.number, batch, len(held) + 1))
                    self._shared.units.write(held[-1], "held", lonely)
        except RowsFailed as error:
            self._swept.rows_failed = True
            self._fail(f"rows of {self._shard}, after {after!r}", error)
            self._swept.row_classes[RowClass.UNJUDGED] += sum(self._shared.units.rows(unit, "held") for unit in held)
            return False
        self._held += held
        return True

    def _row_pages(self, rows: RowSource, after: str | None, until: str | None) -> Iterator[pa.Table]:
        lowest, highest = prefix_range(self._shared.prefix)
        low, high = after or lowest, until or highest
        for page in in_order(rows.pages(low, high), low, high):
            yield page.filter(pc.starts_with(page["key"], self._shared.prefix)) if self._shared.prefix else page

    def _judge_held(self) -> None:
        """Judges the rows that no object has."""
        for sheaf in sheaves(self._shared.units, self._held, "held"):
            table = self._shared.bench.rows(sheaf.table)
            dangling = codes_of(table["row_class"], {str(RowClass.DANGLING): 1}) == 1
            self._swept.row_classes += count_values(table["row_class"].filter(pa.array(~dangling)))
            self._rules(sheaf, table, dangling)  # the second look will count the dangling ones

    def _account(self, unit: Unit, table: pa.Table, has_row: Mask) -> None:
        self._swept.objects += table.num_rows
        self._swept.size += pc.sum(table["size"]).as_py()
        self._count_needs(table, has_row)
        self._shared.units.write(unit, "objects", table.select(RECORD.names))
        self._shared.units.write(unit, "unexplained", unexplained(self._shared.bench.spec, table))
        self._rules(Sheaf([(unit, table)]), table, codes_of(table["class"], {str(ObjectClass.ORPHAN): 1}) == 1)
        self._shared.progress.advance(table.num_rows)

    def _watch(self, objects: pa.Table, after: str | None, until: str | None) -> None:
        """Notes the class of each watched key of the range (after, until]."""
        watched = self._shared.watched
        first = 0 if after is None else bisect_right(watched, after)
        for key in watched[first : len(watched) if until is None else bisect_right(watched, until)]:
            at = pc.index(objects["key"], key).as_py()
            self._swept.watched[key] = objects["class"][at].as_py() if at >= 0 else NOT_LISTED

    def _count_needs(self, table: pa.Table, has_row: Mask) -> None:
        codes = codes_of(table["class"], {str(ObjectClass.OK): 1, str(ObjectClass.ORPHAN): 2})
        lacking = int((codes == 2).sum())
        self._swept.lack_row += lacking
        self._swept.need_row += lacking + int(((codes == 1) & has_row).sum())

    def _queue_contents(self, unit: Unit, objects: pa.Table, after: str | None, until: str | None) -> None:
        """Notes which objects of the range have contents to look into, and what is known of them from earlier runs."""
        if self._shared.content_families:
            queue = self._with_contents(objects)
            known = self._shared.known_looks(after, until)
            self._shared.units.write(unit, "contents", known_looks(queue, known))
            self._shared.units.write(unit, "forgotten", forgotten(queue, known))

    def _with_contents(self, objects: pa.Table) -> pa.Table:
        if not objects.num_rows:
            return MERGED.empty_table()
        wanted = codes_of(objects["family"], dict.fromkeys(self._shared.content_families, 1)) == 1
        return objects.filter(pa.array(wanted))

    def _rules(self, sheaf: Sheaf, table: pa.Table, suspects: Mask) -> None:
        """Runs the batch rules; what rests on more than what is there is not reported yet, but nominated."""
        findings, nominated = apply_rules(self._shared.book, self._shared.context, table)
        for unit, mine in sheaf.by_unit(findings):
            self._shared.units.write(unit, "findings", findings_table(mine))
        chosen = suspects.copy()
        chosen[nominated] = True
        if chosen.any():
            marked = table.append_column("chosen", pa.array(chosen))
            for unit, part in sheaf.parts(marked):
                candidates = part.filter(part["chosen"]).drop_columns("chosen")
                self._shared.units.write(unit, "candidates", candidates)
