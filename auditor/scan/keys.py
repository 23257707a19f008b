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
from auditor.scan.merge import no_rows
from auditor.scan.rulebook import RuleBook
from auditor.spec import Specification

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def check(spec: Specification, book: RuleBook, keys: Sequence[str]) -> Iterator[tuple[str, str | None, Finding | None]]:
    """(key, family, finding) for each key, in the order given; sizes are unknown, so nothing is judged by size."""
    columns = {"key": pa.array(keys, pa.string())}
    unknown = {field.name: pa.nulls(len(keys), field.type) for field in OBJECTS if field.name not in columns}
    law = Law({family.name: family.rows for family in spec.families}, _NEVER, _NEVER)
    objects, nowhere = pa.table(columns | unknown), np.zeros(len(keys), bool)
    table = Bench(spec, law).objects(objects, no_rows(len(keys)), nowhere, rows_known=False)
    findings, _ = apply_rules(book, Context(spec, ""), table)
    by_key = {finding.key: finding for _, finding in findings}
    for key, family in zip(keys, table["family"].to_pylist(), strict=True):
        yield key, family, by_key.get(key)
