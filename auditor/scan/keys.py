"""The batch rules on keys alone: no bucket, no rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from auditor.findings import Finding
from auditor.frames import OBJECTS
from auditor.protocols import Context
from auditor.scan.apply import apply_rules
from auditor.scan.batch import Bench
from auditor.scan.judge import Law
from auditor.scan.merge import RowJoin
from auditor.scan.rulebook import RuleBook
from auditor.spec import Specification

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def check(spec: Specification, book: RuleBook, keys: Sequence[str]) -> Iterator[tuple[str, str | None, Finding | None]]:
    """(key, family, finding) for each key, in the order given; sizes are unknown, so nothing is judged by size."""
    objects = pa.table({"key": pa.array(keys, pa.string())})
    for field in OBJECTS:
        if field.name != "key":
            objects = objects.append_column(field.name, pa.nulls(len(keys), field.type))
    law = Law({family.name: family.rows for family in spec.families}, _NEVER, _NEVER)
    columns, has_row = RowJoin(pa.array([], pa.string())).finish()
    columns = {name: pa.nulls(len(keys), column.type) for name, column in columns.items()}
    table = Bench(spec, law).objects(objects, columns, np.zeros(len(keys), bool), rows_known=False)
    findings, _ = apply_rules(book, Context(spec, ""), table)
    by_key = {finding.key: finding for finding in findings}
    for key, family in zip(keys, table["family"].to_pylist(), strict=True):
        yield key, family, by_key.get(key)
