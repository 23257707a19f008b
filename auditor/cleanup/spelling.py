"""Orphans that are the lost object of a row under another spelling (REF006), by all rows as they are now.

A run knows the rows of its moment, and of its prefix alone: a row that was written since, or that is spelt with another
beginning, it has not seen. The rule that knows spellings is asked again, with every row in place of the dangling ones;
of the rows that it names, those whose object is there have lost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.cleanup.model import Item
from auditor.cleanup.verdict import Judged, Verdict
from auditor.errors import CannotStart, ObjectUnreadable, RowsFailed
from auditor.findings import Finding
from auditor.protocols import RunRule
from auditor.scan.case import Case
from auditor.scan.columns import RECORD, ObjectClass
from auditor.scan.looks import Head
from auditor.text import printable

ORPHANED, MISSPELT = "REF001", "REF006"
_ROWS = pa.schema(
    [
        *((name, pa.string()) for name in ("key", "family", "row_uid")),
        ("row_size", pa.int64()),
        ("row_created_at", pa.timestamp("us", "UTC")),
    ]
)
_BATCH = 20_000  # objects that are written at once


@dataclass(frozen=True)
class Spellings:
    """`rows` has, by the key of an object, the keys of rows that are spelt alike; `failed` says why nobody knows."""

    rows: Mapping[str, list[str]] = field(default_factory=dict)
    failed: str | None = None

    def judge(self, judged: Judged, look_at: Callable[[str], Head]) -> Judged:
        """What is ready stays so unless a row that is spelt alike has no object of its own."""
        if judged.verdict is not Verdict.READY or ORPHANED not in judged.item.rules:
            return judged
        if self.failed is not None:
            return Judged(judged.item, Verdict.UNSURE, self.failed)
        for key in self.rows.get(judged.item.key, ()):
            head = look_at(key)
            if isinstance(head, ObjectUnreadable):
                return Judged(judged.item, Verdict.UNSURE, f"{_row(key)}, and whether it has an object is not known")
            if head is None:
                return Judged(judged.item, Verdict.REFERENCED, f"{_row(key)} and has no object ({MISSPELT})")
        return judged


def _row(key: str) -> str:
    return f"the row {printable(key)!r} is spelt almost as it is"


def spellings_of(case: Case, items: Iterable[Item], folder: Path) -> Spellings:
    """Reads all rows, to a file in `folder`. Raises CannotStart where the rule is not installed."""
    objects = folder / "orphans.parquet"
    if case.rows is None or not _write_objects(items, objects):
        return Spellings()
    try:
        rows = _Rows(objects, folder / "rows.arrow")
        rows.write(case)
    except RowsFailed as error:
        case.ledger.fail([{"what": "rows under another spelling", "message": str(error)}])
        return Spellings(failed="the rows that may be spelt otherwise could not be read to the end")
    found: dict[str, list[str]] = defaultdict(list)
    for problem in _rule(case).check_run(rows, case.context):
        if problem.key is not None and problem.subject is not None:
            found[problem.key].append(problem.subject)
    return Spellings(found)


def _rule(case: Case) -> RunRule:
    for rule in case.book.rules:
        if isinstance(rule, RunRule) and any(info.code == MISSPELT for info in rule.infos):
            return rule
    raise CannotStart(f"{MISSPELT} is not installed, so nobody knows whose lost object an orphan is: install its rule")


def _write_objects(items: Iterable[Item], path: Path) -> bool:
    """Whether there were any."""
    some = False
    with pq.ParquetWriter(path, RECORD) as writer:
        for lines in _batches(item for item in items if ORPHANED in item.rules):
            writer.write_table(pa.Table.from_pylist(lines, schema=RECORD))
            some = True
    return some


def _batches(items: Iterator[Item]) -> Iterator[list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []
    for item in items:
        facts = {
            name: getattr(item, name) for name in ("key", "size", "last_modified", "etag", "storage_class", "family")
        }
        lines.append({**facts, "class": str(ObjectClass.ORPHAN), "row_uid": None})
        if len(lines) == _BATCH:
            yield lines
            lines = []
    if lines:
        yield lines


@dataclass(frozen=True)
class _Rows:
    """The run of which the rule is asked: the plan's orphans, and every row as one that may lack its object."""

    objects: Path
    path: Path
    summary: dict[str, Any] = field(default_factory=dict)

    def write(self, case: Case) -> None:
        """Raises RowsFailed."""
        assert case.rows is not None  # noqa: S101 -- for the type checker
        with pa.OSFile(str(self.path), "wb") as file, pa.ipc.new_file(file, _ROWS) as writer:
            for page in case.rows.pages(None, None):
                writer.write_table(_as_dangling(page))

    def dangling_rows(self) -> Iterator[pa.Table]:
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_file(file) as reader:
            for number in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(number)])

    def findings(self) -> Iterator[Finding]:
        return iter(())

    fixed = findings


def _as_dangling(page: pa.Table) -> pa.Table:
    known = {"key": page["key"], "row_uid": page["uid"], "row_size": page["size"]}
    columns = [known[one.name] if one.name in known else pa.nulls(page.num_rows, one.type) for one in _ROWS]
    return pa.table(dict(zip(_ROWS.names, columns, strict=True))).cast(_ROWS)
