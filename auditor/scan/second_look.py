"""The second look: everything that was accused is looked at again before it is reported.

Rows again in a fresh transaction, then HEAD, then the row once more. An object is an orphan only if no look found a
row; a row is dangling only if every look found it and HEAD said 404. With a backup the rows cannot have changed, so
only HEAD is asked. A HEAD that fails with anything but 404 proves nothing: what it was about stays unjudged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ObjectUnreadable, RowsFailed
from auditor.frames import OBJECTS
from auditor.protocols import Context
from auditor.rows.base import RowSource
from auditor.scan.apply import apply_rules
from auditor.scan.batch import Bench, with_classes
from auditor.scan.columns import (
    OBJECT_CLASSES,
    ROW_CLASSES,
    Mask,
    ObjectClass,
    RowClass,
    codes_of,
    count_values,
    mask_of,
    plain,
)
from auditor.scan.merge import ROW_COLUMNS, RowJoin
from auditor.scan.rulebook import RuleBook, findings_table
from auditor.scan.units import Unit, Units
from auditor.store.base import ObjectFacts, Store

CHUNK = 1000  # candidates looked at together: a few look-ups of rows, a thousand HEADs
CORRECTIONS = pa.schema([("key", pa.string()), ("class", pa.string()), ("row_uid", pa.string())])

Head = ObjectFacts | ObjectUnreadable | None

_CLASS_CODES = {str(name): code for code, name in enumerate(OBJECT_CLASSES)}
_ROW_CODES = {str(name): code for code, name in enumerate(ROW_CLASSES)}
_ORPHAN = _CLASS_CODES[ObjectClass.ORPHAN]


@dataclass
class Looked:
    """What the second look adds to the run's accounts."""

    row_classes: Counter[str] = field(default_factory=Counter)
    errors: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class SecondLook:
    store: Store
    rows: RowSource | None
    bench: Bench
    book: RuleBook
    context: Context
    units: Units
    executor: Executor

    def __call__(self, unit: Unit) -> Looked:
        """Judges the candidates of a unit anew; writes its findings and the corrections of its classes."""
        looked = Looked()
        findings, corrections = [], []
        candidates = self.units.need(unit, "candidates")
        for chunk in _chunks(candidates):
            judged = self._judge(chunk, looked)
            looked.row_classes += count_values(judged["row_class"].filter(_only_rows(chunk)))
            findings += apply_rules(self.book, self.context, judged, second=True)[0]
            corrections.append(_corrections(judged))
        self.units.write(unit, "findings-second", findings_table(findings))
        self.units.write(unit, "corrections", pa.concat_tables(corrections))
        return looked

    def dismiss(self, unit: Unit) -> Looked:
        """Leaves the candidates of a unit unjudged: the evidence against all of them is worthless."""
        candidates = self.units.need(unit, "candidates")
        judged = _unjudged(candidates)
        self.units.write(unit, "corrections", _corrections(judged))
        return Looked(count_values(judged["row_class"].filter(_only_rows(candidates))))

    def _judge(self, chunk: pa.Table, looked: Looked) -> pa.Table:
        keys = chunk["key"].to_pylist()
        try:
            earlier = self._look_up(keys)
            heads = list(self.executor.map(self._head, keys))
            later = self._look_up(keys)
        except RowsFailed as error:
            looked.errors.append({"what": f"second look at the rows of {len(keys)} keys", "message": str(error)})
            return _unjudged(chunk)
        failed = [head for head in heads if isinstance(head, ObjectUnreadable)]
        looked.errors += [{"what": "second look at an object", "message": str(error)} for error in failed]
        return self._anew(chunk, heads, earlier, later)

    def _look_up(self, keys: list[str]) -> pa.Table | None:
        """None where the first look's rows still stand, because they come from a backup or there are none."""
        return None if self.rows is None or self.rows.as_of is not None else self.rows.lookup(keys)

    def _head(self, key: str) -> Head:
        try:
            return self.store.head(key)
        except ObjectUnreadable as error:
            return error

    def _anew(self, chunk: pa.Table, heads: list[Head], earlier: pa.Table | None, later: pa.Table | None) -> pa.Table:
        looks = Looks([_rows_of(chunk), *(_aligned(chunk, look) for look in (earlier, later) if look is not None)])
        listed = mask_of(chunk["size"].is_valid())
        found = np.array([isinstance(head, ObjectFacts) for head in heads])
        failed = np.array([isinstance(head, ObjectUnreadable) for head in heads])
        rows = looks.newest(trusted=~failed)
        judged = self.bench.objects(_fresh(chunk, heads), rows, looks.ever, rows_known=True)
        classes = codes_of(judged["class"], _CLASS_CODES)
        classes[listed & failed & (classes == _ORPHAN)] = _CLASS_CODES[ObjectClass.UNJUDGED]
        classes[listed & ~found & ~failed] = _CLASS_CODES[ObjectClass.GONE]
        classes[~listed] = -1
        alone = np.select(
            [found, ~looks.always, failed],
            [_ROW_CODES[RowClass.MATCHED], _ROW_CODES[RowClass.GONE], _ROW_CODES[RowClass.UNJUDGED]],
            self.bench.law.rows(judged),
        )
        beside = np.where(looks.ever, _ROW_CODES[RowClass.MATCHED], -1)
        return with_classes(judged, classes, np.where(listed, beside, alone).astype(np.int8))


class Looks:
    """The rows of the same keys as seen several times, first to last, each aligned with the candidates."""

    def __init__(self, looks: list[tuple[pa.Table, Mask]]) -> None:
        self._looks = looks
        self.ever: Mask = np.logical_or.reduce([has for _, has in looks])
        self.always: Mask = np.logical_and.reduce([has for _, has in looks])

    def newest(self, trusted: Mask) -> dict[str, pa.Array]:
        """The row columns as last seen.

        The size is kept only where it stood still around a HEAD that worked (`trusted`): a row that was being
        written meanwhile must not be held against the object.
        """
        columns = {name: plain(self._looks[0][0][name]) for name in ROW_COLUMNS}
        for table, has in self._looks[1:]:
            seen = pa.array(has)
            columns = {name: pc.if_else(seen, plain(table[name]), columns[name]) for name in ROW_COLUMNS}
        still = self.always & trusted
        for table, _ in self._looks[1:]:
            still &= mask_of(pc.equal(columns["row_size"], table["row_size"]))
        columns["row_size"] = pc.if_else(pa.array(still), columns["row_size"], None)
        return columns


def _rows_of(chunk: pa.Table) -> tuple[pa.Table, Mask]:
    return chunk.select(list(ROW_COLUMNS)), mask_of(chunk["row_class"].is_valid())


def _aligned(chunk: pa.Table, rows: pa.Table) -> tuple[pa.Table, Mask]:
    join = RowJoin(plain(chunk["key"]))
    join.add(rows)
    columns, has = join.finish()
    return pa.table(columns), has


def _fresh(chunk: pa.Table, heads: list[Head]) -> pa.Table:
    """The objects as HEAD shows them; as listed where nothing changed, since a listing's times are finer."""
    rows = chunk.select(OBJECTS.names).to_pylist()
    for row, head in zip(rows, heads, strict=True):
        if isinstance(head, ObjectFacts) and not _unchanged(row, head):
            row |= {name: getattr(head, name) for name in OBJECTS.names}
    return pa.Table.from_pylist(rows, schema=pa.schema([(field.name, field.type) for field in OBJECTS]))


def _unchanged(row: dict[str, Any], head: ObjectFacts) -> bool:
    if row["last_modified"] is None or row["etag"] != head.etag:
        return False
    listed: datetime = row["last_modified"]
    return listed.replace(microsecond=0) == head.last_modified.replace(microsecond=0)


def _unjudged(chunk: pa.Table) -> pa.Table:
    """Accused objects and rows lose their accusation; sizes are dropped so that no rule compares them."""
    classes = codes_of(chunk["class"], _CLASS_CODES)
    classes[classes == _ORPHAN] = _CLASS_CODES[ObjectClass.UNJUDGED]
    rows = codes_of(chunk["row_class"], _ROW_CODES)
    rows[rows == _ROW_CODES[RowClass.DANGLING]] = _ROW_CODES[RowClass.UNJUDGED]
    judged = with_classes(chunk, classes, rows)
    position = judged.column_names.index("row_size")
    return judged.set_column(position, "row_size", pa.nulls(judged.num_rows, pa.int64()))


def _corrections(judged: pa.Table) -> pa.Table:
    objects = judged.filter(judged["class"].is_valid())
    return pa.table([objects["key"], objects["class"].cast(pa.string()), objects["row_uid"]], schema=CORRECTIONS)


def _only_rows(chunk: pa.Table) -> pa.Array:
    """Candidates that are rows without an object; rows beside an object were counted at the first look."""
    return plain(chunk["class"].is_null())


def _chunks(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, CHUNK):
        yield table.slice(start, CHUNK).combine_chunks()
