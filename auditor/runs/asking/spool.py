"""The findings of a run as a private Parquet file, so that they are asked as objects are.

Columns: the thirteen of `findings.csv` with their types (size int64 in bytes, last_modified a timestamp in UTC), then
state, first_seen, nights and suppressed as in `states.parquet`. Absent values are null; a finding about no object has
an empty key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.findings import Finding
from auditor.findings_csv import COLUMNS
from auditor.frames import INSTANT
from auditor.runs.asking.question import Source
from auditor.runs.folder import RunFolder
from auditor.runs.states import STATES

_TYPES = {"size": pa.int64(), "last_modified": INSTANT}
_REQUIRED = {"rule", "name", "severity", "status", "bucket", "key", "message", "suggestion", "fingerprint"}
FINDINGS = pa.schema(
    [
        *(pa.field(name, _TYPES.get(name, pa.string()), nullable=name not in _REQUIRED) for name in COLUMNS),
        *(field for field in STATES if field.name != "fingerprint"),
    ]
)
PAGE = 20_000


def spool_findings(run: RunFolder, folder: Path) -> Source:
    """What the run found, then what is fixed, as a file in the folder. Raises CannotStart as reading the run does."""
    path = folder / "findings.parquet"
    with pq.ParquetWriter(path, FINDINGS, compression="zstd", compression_level=1) as writer:
        for table in tables(chain(run.findings(), run.fixed())):
            writer.write_table(table)
    return Source(path, FINDINGS)


def tables(findings: Iterable[Finding]) -> Iterator[pa.Table]:
    rest = iter(findings)
    while page := list(islice(rest, PAGE)):
        columns = {name: [getattr(finding, name) for finding in page] for name in FINDINGS.names}
        yield pa.table(columns, schema=FINDINGS)
