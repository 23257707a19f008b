"""From a page of objects and the rows beside it to a judged table with the columns of `MERGED`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from auditor.scan.columns import MERGED, NAMES, OBJECT_CLASSES, ROW_CLASSES, Codes, Mask, RowClass, named
from auditor.scan.judge import Law
from auditor.scan.merge import ROW_COLUMNS
from auditor.spec import Specification

_MATCHED = np.int8(ROW_CLASSES.index(RowClass.MATCHED))


def nothing(_: pa.Table) -> Mapping[str, pa.Array]:
    """No side is asked."""
    return {}


@dataclass(frozen=True)
class Bench:
    """Where batches are judged: the grammar and the law. Pure, so both looks and every shard share one."""

    spec: Specification
    law: Law

    def objects(
        self,
        objects: pa.Table,
        rows: Mapping[str, pa.Array],
        has_row: Mask,
        *,
        rows_known: bool,
        beside: Callable[[pa.Table], Mapping[str, pa.Array]] = nothing,
    ) -> pa.Table:
        """`objects` has the columns of OBJECTS, `rows` those of ROW_COLUMNS, aligned; the result is MERGED.

        `beside` is asked for the columns of SIDES.
        """
        table = self._classified(objects)
        rows = {**rows, **beside(_with(table, rows))}
        codes = self.law.objects(table, has_row, rows_known, rows.get("pending_at"))
        row_codes = np.where(has_row, _MATCHED, np.int8(-1)).astype(np.int8)
        return _merged(table, rows, codes, row_codes)

    def rows(self, rows: pa.Table) -> pa.Table:
        """Rows (ROWS) that no object has, as MERGED with the object's columns null."""
        columns = {name: rows[column] for name, column in ROW_COLUMNS.items()}
        table = self._classified(rows.select(["key"]))
        with_age = table.append_column("row_created_at", columns["row_created_at"])
        return _merged(table, columns, np.full(rows.num_rows, -1, np.int8), self.law.rows(with_age))

    def _classified(self, table: pa.Table) -> pa.Table:
        said = self.spec.classify(table["key"])
        return table.append_column("family", said.family.cast(NAMES)).append_column("fit", said.fit.cast(NAMES))


def _with(table: pa.Table, columns: Mapping[str, pa.Array]) -> pa.Table:
    return pa.table({name: table[name] for name in table.column_names} | dict(columns))


def _merged(table: pa.Table, rows: Mapping[str, pa.Array], codes: Codes, row_codes: Codes) -> pa.Table:
    columns = {name: table[name] for name in table.column_names}
    columns |= {"class": named(codes, OBJECT_CLASSES), "row_class": named(row_codes, ROW_CLASSES), **rows}
    filled = [columns.get(field.name, pa.nulls(table.num_rows, field.type)) for field in MERGED]
    return pa.table(filled, schema=MERGED)


def with_classes(table: pa.Table, codes: Codes, row_codes: Codes) -> pa.Table:
    """The same MERGED table with other classes."""
    columns = {name: table[name] for name in table.column_names}
    columns |= {"class": named(codes, OBJECT_CLASSES), "row_class": named(row_codes, ROW_CLASSES)}
    return pa.table(columns, schema=MERGED)
