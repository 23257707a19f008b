"""A finished run as pandas frames, for a notebook: `auditor.open_run`.

Every dtype is Arrow's (`pd.ArrowDtype`): nothing is converted, and what is absent is `pd.NA`. Keys are exact. Times are
UTC, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from auditor.errors import CannotStart
from auditor.findings import Finding
from auditor.frames import to_pandas
from auditor.runs.asking.choosing import choose_run
from auditor.runs.asking.engine import open_engine
from auditor.runs.asking.filters import Filters
from auditor.runs.asking.question import RECORD, Question, Source, objects_of
from auditor.runs.asking.spool import FINDINGS, tables
from auditor.runs.folder import RunFolder

FAMILIES = pa.schema(
    [
        ("family", pa.string()),
        ("class", pa.string()),
        ("objects", pa.int64()),
        ("bytes", pa.int64()),
        ("template", pa.string()),
    ]
)


@dataclass(frozen=True)
class OpenedRun:
    """One finished run. Every method reads the folder anew and raises CannotStart when it cannot be read."""

    _run: RunFolder

    @property
    def folder(self) -> Path:
        return self._run.folder

    @property
    def summary(self) -> Mapping[str, Any]:
        """The content of summary.json, see `reports/summary.schema.json`; look at `complete` first."""
        return self._run.summary

    def objects(
        self,
        columns: Sequence[str] | None = None,
        families: Iterable[str | None] | None = None,
        classes: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Every listed object, a row each, in the order of the keys' UTF-8 bytes; all at once in memory.

        | column        | dtype                          |                                            |
        |---------------|--------------------------------|--------------------------------------------|
        | key           | string[pyarrow]                |                                            |
        | size          | int64[pyarrow]                 | bytes                                      |
        | last_modified | timestamp[us, tz=UTC][pyarrow] |                                            |
        | etag          | string[pyarrow]                | as the store gives it, quotes included     |
        | storage_class | string[pyarrow]                |                                            |
        | family        | string[pyarrow]                | NA for none                                |
        | class         | string[pyarrow]                | ok, orphan, unknown …, as the README says  |
        | row_uid       | string[pyarrow]                | NA where no row has the key                |

        `columns` are those to read, in that order; of `families` (None for keys of no family) and `classes` only
        these. Raises CannotStart for a column that there is not.
        """
        return to_pandas(_joined(_schema(columns), self._objects(columns, families, classes)))

    def batches(
        self,
        columns: Sequence[str] | None = None,
        families: Iterable[str | None] | None = None,
        classes: Iterable[str] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The same as frames of at most 20,000 rows, one after the other: for runs that no memory holds."""
        for table in self._objects(columns, families, classes):
            yield to_pandas(table)

    def findings(self) -> pd.DataFrame:
        """What the run found, a row each, in the order of `findings.csv`.

        | column        | dtype                          |                                                   |
        |---------------|--------------------------------|---------------------------------------------------|
        | rule          | string[pyarrow]                | a code, such as REF001                            |
        | name          | string[pyarrow]                |                                                   |
        | severity      | string[pyarrow]                | info, warning or error                            |
        | status        | string[pyarrow]                | confirmed, snapshot or seen                       |
        | bucket        | string[pyarrow]                |                                                   |
        | key           | string[pyarrow]                | empty for what is about no object                 |
        | family        | string[pyarrow]                | NA for none                                       |
        | size          | int64[pyarrow]                 | bytes; NA for what is gone                        |
        | last_modified | timestamp[us, tz=UTC][pyarrow] |                                                   |
        | row_uid       | string[pyarrow]                |                                                   |
        | message       | string[pyarrow]                |                                                   |
        | suggestion    | string[pyarrow]                |                                                   |
        | fingerprint   | string[pyarrow]                | the same from night to night                      |
        | state         | string[pyarrow]                | new or known; NA without a history                |
        | first_seen    | timestamp[us, tz=UTC][pyarrow] |                                                   |
        | nights        | int32[pyarrow]                 | in a row                                          |
        | suppressed    | string[pyarrow]                | the reason in the baseline; NA for what counts    |
        """
        return _findings(self._run.findings())

    def fixed(self) -> pd.DataFrame:
        """What an earlier run found and this one no longer: the columns of `findings`, with `fixed` as state."""
        return _findings(self._run.fixed())

    def families(self) -> pd.DataFrame:
        """How much each family holds, a row for each class of objects that it has.

        | column   | dtype           |                                          |
        |----------|-----------------|------------------------------------------|
        | family   | string[pyarrow] | NA for keys of no family                 |
        | class    | string[pyarrow] |                                          |
        | objects  | int64[pyarrow]  |                                          |
        | bytes    | int64[pyarrow]  |                                          |
        | template | string[pyarrow] | as the document has it; NA for no family |
        """
        held = [*self.summary["families"].items(), (None, self.summary["no_family"])]
        rows = [
            {"family": name, "class": kind, **tally, "template": family.get("template")}
            for name, family in held
            for kind, tally in family["classes"].items()
        ]
        return to_pandas(pa.Table.from_pylist(rows, schema=FAMILIES))

    def _objects(
        self,
        columns: Sequence[str] | None,
        families: Iterable[str | None] | None,
        classes: Iterable[str] | None,
    ) -> Iterator[pa.Table]:
        source = Source(objects_of(self._run).path, _schema(columns), sorted=True)
        wanted, kinds = _listed(families), _listed(classes)
        if () in (wanted, kinds):
            return
        where = Filters(families=wanted or (), classes=kinds or ()).conditions()
        with open_engine() as engine:
            yield from Question(source, where).ask(engine)


def open_run(path: str | PathLike[str]) -> OpenedRun:
    """The run in a folder, or the newest complete one of the runs in it. Raises CannotStart where there is none."""
    return OpenedRun(choose_run(Path(path)))


def _listed(wanted: Iterable[Any] | None) -> tuple[Any, ...] | None:
    return None if wanted is None else tuple(wanted)


def _schema(columns: Sequence[str] | None) -> pa.Schema:
    if columns is None:
        return RECORD
    unknown = [name for name in columns if name not in RECORD.names]
    if unknown:
        raise CannotStart(f"objects have no column {unknown[0]!r}: choose from {', '.join(RECORD.names)}")
    return pa.schema([RECORD.field(name) for name in columns])


def _findings(found: Iterator[Finding]) -> pd.DataFrame:
    return to_pandas(_joined(FINDINGS, tables(found)))


def _joined(schema: pa.Schema, held: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *held])
