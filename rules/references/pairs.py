"""REF006: an orphan and a dangling row that are one file under two spellings of its key.

Spellings are compared by their hashes first, so memory holds twenty bytes or so for each dangling row, and whole keys
of those alone that have a counterpart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.findings import Evidence, Need, Problem, RuleInfo, RuleKind, Severity
from auditor.frames import INSTANT, plain
from auditor.protocols import Context
from auditor.record import RunSoFar
from auditor.text import human_bytes
from rules.references.pair_words import differences, named
from rules.references.spelling import Way, difference, joint

REF006 = RuleInfo(
    code="REF006",
    name="misspelt-pair",
    severity=Severity.ERROR,
    kind=RuleKind.RUN,
    summary="An object without a row and a row without its object have one key in two spellings.",
    why="The file is there and nobody can find it: whoever follows the row gets an error, and whoever tidies up deletes"
    " the only copy as an orphan. Unicode forms, percent-encoding, case, slashes and mojibake do this on the way.",
    action="Do not delete the object. Find out which spelling the service asks for, then copy the object to the row's"
    " key or write the object's key into the row; and mend the code that spells it in the other way.",
    good="an object and a row whose keys are the same bytes",
    bad="an object `a/caf%C3%A9.jpg` without a row, and a row `a/caf\u00e9.jpg` without an object",
    needs=frozenset({Need.ROWS}),
    evidence=Evidence.ABSENCE,
    snapshot_counts=False,
)

ROWS_PER_OBJECT = 5  # rows that are named for one object
ALIKE = 20  # keys of one spelling that are looked at; more than that is said to be "at least" so many
_RECORD = ["key", "size", "last_modified", "family", "class", "row_uid"]
_BATCH = 65_536  # objects

Hashes = npt.NDArray[np.uint64]
Spellings = tuple[Hashes, npt.NDArray[np.int32]]  # and for each the position of the key that it belongs to


@dataclass(frozen=True)
class _Pair:
    other: Mapping[str, Any]
    ways: tuple[Way, ...]


class PairRules:
    infos = (REF006,)

    def check_run(self, run: RunSoFar, context: Context) -> Iterator[Problem]:
        spelt = [_spellings(rows["key"]) for rows in run.dangling_rows()]
        wanted = _unique(hashes for hashes, _ in spelt)
        if not len(wanted):
            return
        objects = _matching(_with_spellings(_without_row(run, context)), wanted)
        if not objects.num_rows:
            return
        wanted = _unique([_spellings(objects["key"])[0]])
        yield from _pairs(objects, _matching(zip(run.dangling_rows(), spelt, strict=True), wanted))


def _without_row(run: RunSoFar, context: Context) -> Iterator[pa.Table]:
    """Orphans, and objects that fit no template (or several) and are old enough to be accused of having no row."""
    with pq.ParquetFile(run.objects) as file:
        for batch in file.iter_batches(_BATCH, columns=_RECORD):
            table = pa.Table.from_batches([batch])
            kind = table["class"].cast(pa.string())
            unknown = pc.and_(pc.equal(kind, "unknown"), table["row_uid"].is_null())
            if context.cutoff is not None:
                old = pc.less(table["last_modified"], pa.scalar(context.cutoff, INSTANT))
                unknown = pc.and_(unknown, old)
            yield table.filter(pc.or_(pc.equal(kind, "orphan"), unknown))


def _with_spellings(tables: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, Spellings]]:
    return ((table, _spellings(table["key"])) for table in tables)


def _matching(tables: Iterable[tuple[pa.Table, Spellings]], wanted: Hashes) -> pa.Table:
    """The rows of the tables that have a spelling among the wanted (which are sorted), in order."""
    found = []
    for table, (hashes, owners) in tables:
        at = np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)
        found.append(table.take(pa.array(np.unique(owners[wanted[at] == hashes]))))
    return pa.concat_tables(found) if found else pa.table({"key": pa.array([], pa.string())})


def _unique(hashes: Iterable[Hashes]) -> Hashes:
    return np.unique(np.concatenate([np.empty(0, np.uint64), *hashes]))


def _spellings(keys: pa.ChunkedArray) -> Spellings:
    """Hashes of the `joint` texts of each key, and the position of the key that each belongs to.

    Keys of plain ASCII, which nearly all are, are folded by Arrow.
    """
    keys = plain(keys)
    odd = pc.match_substring_regex(keys, r"[^\x00-\x24\x26-\x2a\x2c-\x7f]").to_numpy(zero_copy_only=False)
    simple = pc.replace_substring(pc.ascii_lower(keys.filter(pa.array(~odd))), "/", "")
    strange = [(text, at) for at in odd.nonzero()[0].tolist() for text in sorted(joint(keys[at].as_py()))]
    texts = [*simple.to_pylist(), *(text for text, _ in strange)]
    owners = np.concatenate([(~odd).nonzero()[0], [at for _, at in strange]]).astype(np.int32)
    hashes: Hashes = pd.util.hash_array(np.array(texts, dtype=object), categorize=False)
    return hashes, owners


class _Group:
    """Keys by their spellings; of those that many share, the first few in key order."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._at: dict[str, list[int]] = defaultdict(list)
        for position, key in enumerate(table["key"].to_pylist()):
            for text in joint(key):
                if len(self._at[text]) < ALIKE:
                    self._at[text].append(position)

    def near(self, key: str) -> list[_Pair]:
        """Those that differ from the key in known ways alone, the fewest ways first; each key once."""
        positions = sorted({at for text in joint(key) for at in self._at.get(text, ())})
        found = self._table.take(pa.array(positions, pa.int64())).to_pylist()
        one_each = {other["key"]: other for other in reversed(found)}
        pairs = [_Pair(other, ways) for other in one_each.values() if (ways := difference(key, other["key"]))]
        return sorted(pairs, key=lambda pair: (len(pair.ways), pair.other["key"].encode()))


def _pairs(objects: pa.Table, rows: pa.Table) -> Iterator[Problem]:
    """Each object with the rows that it may belong to, in the order of the objects' keys."""
    the_rows, the_objects = _Group(rows), _Group(objects)
    for batch in objects.to_batches(max_chunksize=1000):
        for found in batch.to_pylist():
            pairs = the_rows.near(found["key"])
            for pair in pairs[:ROWS_PER_OBJECT]:
                rivals = len(the_objects.near(pair.other["key"]))
                yield _problem(found, pair, len(pairs), rivals)


def _problem(found: Mapping[str, Any], pair: _Pair, rows: int, objects: int) -> Problem:
    row = pair.other
    what = "no row" if found["class"] == "orphan" else "no row, and a key that is none of the document's"
    message = (
        f"The object {named(found['key'])} has {what}; the row {named(row['key'])} has no object. "
        f"They differ in {differences(pair.ways, found['key'], row['key'])} alone.{_sizes(found, row)}"
    )
    return Problem(
        REF006.code,
        message + _doubt(rows, objects),
        subject=row["key"],
        key=found["key"],
        family=found["family"],
        size=found["size"],
        last_modified=found["last_modified"],
        row_uid=row["row_uid"],
    )


def _sizes(found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """A size that agrees makes a pair likelier."""
    if row["row_size"] is None or row["row_size"] < 0:
        return ""
    if row["row_size"] == found["size"]:
        return f" The sizes agree ({human_bytes(found['size'])})."
    return f" The sizes do not agree: {found['size']} bytes, and {row['row_size']} by the row."


def _doubt(rows: int, objects: int) -> str:
    if rows == 1 and objects == 1:
        return ""
    said = [f"{_many(number)} {what}" for number, what in ((rows, "rows"), (objects, "objects")) if number > 1]
    shown = f", {ROWS_PER_OBJECT} of the rows are named" if rows > ROWS_PER_OBJECT else ""
    return f" Ambiguous: {' and '.join(said)} are spelt alike{shown}; look at them before you choose."


def _many(number: int) -> str:
    return str(number) if number < ALIKE else f"at least {ALIKE}"
