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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ObjectUnreadable, RowsFailed
from auditor.frames import plain
from auditor.protocols import Context
from auditor.rows.base import RowSource
from auditor.scan.apply import apply_rules
from auditor.scan.batch import Bench, with_classes
from auditor.scan.columns import (
    CORRECTIONS,
    DANGLING,
    OBJECT_CLASSES,
    ROW_CLASSES,
    SIDES,
    ObjectClass,
    RowClass,
    codes_of,
    count_values,
    mask_of,
)
from auditor.scan.looks import Head, Looks, aligned, fresh, look_at, rows_of
from auditor.scan.remains import Recovery
from auditor.scan.rulebook import RuleBook, findings_table
from auditor.scan.sheaves import Sheaf
from auditor.scan.sides import Sides
from auditor.scan.units import Units
from auditor.store.base import ObjectFacts, Store
from auditor.text import isoformat, printable

CHUNK = 1000  # candidates looked at together: a few look-ups of rows, a thousand HEADs

_CLASS_CODES = {str(name): code for code, name in enumerate(OBJECT_CLASSES)}
_ROW_CODES = {str(name): code for code, name in enumerate(ROW_CLASSES)}
_ORPHAN = _CLASS_CODES[ObjectClass.ORPHAN]


@dataclass
class Looked:
    """What the second look adds to the run's accounts."""

    row_classes: Counter[str] = field(default_factory=Counter)
    errors: list[dict[str, str]] = field(default_factory=list)
    rows_unread: bool = False  # some of the rows could not be looked up again


@dataclass(frozen=True)
class SecondLook:
    store: Store
    rows: RowSource | None
    bench: Bench
    book: RuleBook
    context: Context
    units: Units
    executor: Executor
    sides: Sides
    recovery: Recovery

    def __call__(self, sheaf: Sheaf) -> Looked:
        """Judges the candidates of some units anew; writes their findings and the corrections of their classes."""
        looked = Looked()
        judged = pa.concat_tables([self._judge(chunk, looked) for chunk in _chunks(sheaf.table)])
        judged = self.recovery.with_remains(judged)
        findings, _ = apply_rules(self.book, self.context, judged, second=True)
        for unit, mine in sheaf.by_unit(findings):
            self.units.write(unit, "findings-second", findings_table(mine))
        looked.row_classes = self._record(sheaf, judged)
        return looked

    def dismiss(self, sheaf: Sheaf) -> Looked:
        """Leaves the candidates of some units unjudged: the evidence against all of them is worthless."""
        return Looked(self._record(sheaf, _unjudged(sheaf.table)))

    def _record(self, sheaf: Sheaf, judged: pa.Table) -> Counter[str]:
        """Writes the corrections; counts the candidates that are rows without an object.

        Rows beside an object were counted at the first look.
        """
        for unit, mine in sheaf.parts(judged):
            self.units.write(unit, "corrections", _corrections(mine))
            self.units.write(unit, "dangling", _dangling(mine))
        return count_values(judged["row_class"].filter(plain(sheaf.table["class"].is_null())))

    def _judge(self, chunk: pa.Table, looked: Looked) -> pa.Table:
        keys = chunk["key"].to_pylist()
        try:
            earlier = self._look_up(keys)
            heads = list(self.executor.map(self.head, keys))
            later = self._look_up(keys)
        except RowsFailed as error:
            looked.errors.append({"what": f"second look at the rows of {len(keys)} keys", "message": str(error)})
            looked.rows_unread = True
            return _unjudged(chunk)
        failed = [head for head in heads if isinstance(head, ObjectUnreadable)]
        looked.errors += [{"what": "second look at an object", "message": str(error)} for error in failed]
        looked.errors += self._unlisted(chunk, heads)
        return self._anew(chunk, heads, earlier, later)

    def _unlisted(self, chunk: pa.Table, heads: list[Head]) -> Iterator[dict[str, str]]:
        """Objects of rows that seemed to have none, and that are too old to have come after the listing."""
        seen = zip(chunk["size"].is_null().to_pylist(), heads, strict=True)
        missed = [h for alone, h in seen if alone and isinstance(h, ObjectFacts) and self._was_there(h)]
        if missed:
            example = f"{printable(missed[0].key)!r}, last modified {isoformat(missed[0].last_modified)}"
            message = f"{len(missed)} objects are older than the listing and were not in it, such as {example}"
            yield {"what": "the listing", "message": message}

    def _was_there(self, head: ObjectFacts) -> bool:
        return head.last_modified < self.bench.law.cutoff

    def _look_up(self, keys: list[str]) -> pa.Table | None:
        """None where the first look's rows still stand, because they come from a backup or there are none."""
        return None if self.rows is None or self.rows.as_of is not None else self.rows.lookup(keys)

    def head(self, key: str) -> Head:
        """One look at one object; whoever wants to know what was seen overrides this."""
        return look_at(self.store, key)

    def _anew(self, chunk: pa.Table, heads: list[Head], earlier: pa.Table | None, later: pa.Table | None) -> pa.Table:
        looks = Looks([rows_of(chunk), *(aligned(chunk, look) for look in (earlier, later) if look is not None)])
        listed = mask_of(chunk["size"].is_valid())
        found = np.array([isinstance(head, ObjectFacts) for head in heads])
        failed = np.array([isinstance(head, ObjectUnreadable) for head in heads])
        rows = looks.newest(trusted=~failed)
        objects, known = fresh(chunk, heads), self.sides.decisive
        judged = self.bench.objects(objects, rows, looks.ever, rows_known=known, beside=self.sides.again)
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


def _unjudged(chunk: pa.Table) -> pa.Table:
    """Accused objects and rows lose their accusation; what rules would compare or miss is not known any more."""
    classes = codes_of(chunk["class"], _CLASS_CODES)
    classes[classes == _ORPHAN] = _CLASS_CODES[ObjectClass.UNJUDGED]
    rows = codes_of(chunk["row_class"], _ROW_CODES)
    rows[rows == _ROW_CODES[RowClass.DANGLING]] = _ROW_CODES[RowClass.UNJUDGED]
    judged = with_classes(chunk, classes, rows)
    for name in ["row_size", *SIDES.names]:
        position = judged.column_names.index(name)
        judged = judged.set_column(position, name, pa.nulls(judged.num_rows, judged.schema.field(name).type))
    return judged


def _corrections(judged: pa.Table) -> pa.Table:
    objects = judged.filter(judged["class"].is_valid())
    return pa.table([objects["key"], objects["class"].cast(pa.string()), objects["row_uid"]], schema=CORRECTIONS)


def _dangling(judged: pa.Table) -> pa.Table:
    return judged.filter(pc.equal(judged["row_class"].cast(pa.string()), str(RowClass.DANGLING))).select(DANGLING)


def _chunks(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, CHUNK):
        yield table.slice(start, CHUNK).combine_chunks()
