"""The canary: a few rows and objects that are known to be there must come out of the sweep as `ok`.

A listing that jumps over keys, and a reader that leaves rows out, look like a bucket and a database without them. So
some pairs of an old row and its object are found by other ways than the sweep's (`split`, look-up, HEAD) before it,
and once more after it. What stood still all the while and yet did not come out as `ok` was missed by the listing or
by the reading of rows; then nobody knows what else was, and nothing is accused. An audit cannot be fooled into an
accusation by its canary: an alarm too many is a run to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.errors import ObjectUnreadable, RowsFailed
from auditor.frames import OBJECTS
from auditor.rows.base import RowSource
from auditor.scan.case import Case
from auditor.scan.columns import ObjectClass
from auditor.scan.merge import no_rows, prefix_range
from auditor.scan.sweep import Swept
from auditor.spec.model import RowPolicy
from auditor.store.base import ObjectFacts
from auditor.text import printable

PAIRS = 32
LOOKING = 16  # HEADs under way at once

Pair = tuple[Mapping[str, Any], ObjectFacts]  # a row (ROWS) and its object


@dataclass(frozen=True)
class Canary:
    """The pairs that were there before the sweep, by key; `examine` says what became of them."""

    pairs: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """In the order of the bucket."""
        return sorted(self.pairs, key=str.encode)


def release(case: Case) -> Canary:
    """Looks for pairs, spread over the rows. None there, or rows that cannot be read: a canary without pairs."""
    if case.rows is None:
        return Canary()
    try:
        return Canary(_pairs(case, case.rows, _sample(case, case.rows)))
    except RowsFailed as error:
        case.ledger.fail([{"what": "rows for the canary", "message": str(error)}])
        return Canary()


def examine(case: Case, canary: Canary, swept: Iterable[Swept]) -> dict[str, int] | None:
    """What summary.json says of the canary; None without rows. Distrusts the evidence when a pair was missed.

    A pair counts if it is the same after the sweep as before, and if the sweep came by: what lies behind a page that
    failed is missing anyway, and accounted for.
    """
    if case.rows is None:
        return None
    came_out = {key: name for shard in swept for key, name in shard.watched.items()}
    try:
        after = _pairs(case, case.rows, canary.keys)
    except RowsFailed as error:
        case.ledger.fail([{"what": "rows for the canary", "message": str(error)}])
        after = {}
    steady = [key for key in canary.keys if key in came_out and after.get(key) == canary.pairs[key]]
    missed = [key for key in steady if came_out[key] != ObjectClass.OK]
    if missed:
        case.ledger.distrust("the canary", _alarm(len(steady), missed, came_out))
    return {"pairs": len(steady), "ok": len(steady) - len(missed)}


def _sample(case: Case, rows: RowSource) -> list[str]:
    _, beyond = prefix_range(case.options.prefix)
    return rows.split(PAIRS + 1, case.options.prefix or None, beyond)


def _pairs(case: Case, rows: RowSource, keys: Sequence[str]) -> dict[str, Pair]:
    """The keys that have an old row and an old object, in a family that needs rows."""
    found = rows.lookup(keys).to_pylist() if keys else []
    old = {row["key"]: row for row in found if row["created_at"] and row["created_at"] < case.law.cutoff}
    heads = _heads(case, list(old))
    return {key: (old[key], head) for key, head in heads.items() if head.last_modified < case.law.object_cutoff}


def _heads(case: Case, keys: Sequence[str]) -> dict[str, ObjectFacts]:
    """What HEAD says of the objects that would be `ok` only because of their row."""
    with ThreadPoolExecutor(LOOKING, "canary") as executor:
        heads = list(executor.map(lambda key: _head(case, key), keys))
    there = [head for head in heads if head is not None]
    judged = _ok_by_row(case, there)
    return {head.key: head for head, ok in zip(there, judged, strict=True) if ok}


def _head(case: Case, key: str) -> ObjectFacts | None:
    """A standing refusal is an answer: such an object is no canary. Anything else leaves the run incomplete."""
    try:
        return case.store.head(key)
    except ObjectUnreadable as error:
        if not error.refused:
            case.ledger.fail([{"what": "an object for the canary", "message": str(error)}])
        return None


def _ok_by_row(case: Case, heads: Sequence[ObjectFacts]) -> list[bool]:
    objects = pa.Table.from_pylist([{name: getattr(head, name) for name in OBJECTS.names} for head in heads], OBJECTS)
    everybody = np.ones(len(heads), bool)
    table = case.bench.objects(objects, no_rows(len(heads)), everybody, rows_known=True)
    needs = [family for family, policy in case.law.policies.items() if policy is RowPolicy.REQUIRED]
    needed = pc.is_in(table["family"].cast(pa.string()), pa.array(needs, pa.string()))
    ok = pc.equal(table["class"].cast(pa.string()), str(ObjectClass.OK))
    return pc.and_(needed, ok).to_pylist()  # type: ignore[no-any-return]


def _alarm(pairs: int, missed: Sequence[str], came_out: Mapping[str, str]) -> str:
    first = missed[0]
    return (
        f"{len(missed)} of {pairs} objects that have a row, before and after, did not come out as ok, such as "
        f"{printable(first)!r} ({came_out[first]}): the listing or the rows were not read whole, so nothing was "
        "accused; run again, and if it happens again ask whoever runs the server or the database"
    )
