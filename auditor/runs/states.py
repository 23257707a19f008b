"""`states.parquet`: what each finding of a run is beside the runs before it; row for row beside `findings.csv`.

Columns: fingerprint (string), state (string, see `auditor.findings.State`; null without a history), first_seen
(timestamp, UTC), nights (int32, in a row), suppressed (string, the reason; null for what counts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditor.errors import CannotStart
from auditor.findings import Finding, State
from auditor.frames import INSTANT

FILENAME = "states.parquet"
STATES = pa.schema(
    [
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("state", pa.string()),
        pa.field("first_seen", INSTANT),
        pa.field("nights", pa.int32()),
        pa.field("suppressed", pa.string()),
    ]
)
_PAGE = 20_000


def write_states(findings: Iterable[Finding], path: Path) -> None:
    """The findings must come in the order of `findings.csv`."""
    rest = iter(findings)
    with pq.ParquetWriter(path, STATES, compression="zstd") as writer:
        while page := list(islice(rest, _PAGE)):
            columns = {name: [getattr(finding, name) for finding in page] for name in STATES.names}
            writer.write_table(pa.table(columns, schema=STATES))


def with_states(findings: Iterable[Finding], path: Path) -> Iterator[Finding]:
    """The findings with their states; as they are where the run has none. Raises CannotStart when the two disagree."""
    if not path.exists():
        yield from findings
        return
    states = _read(path)
    for finding in findings:
        state = next(states, None)
        if state is None or state.pop("fingerprint") != finding.fingerprint:
            raise CannotStart(f"{path} is not of the same run as the findings beside it: take a whole run folder")
        yield replace(finding, **{**state, "state": State(state["state"]) if state["state"] else None})


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_PAGE):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise CannotStart(f"{path} cannot be read ({error}): is the folder whole?") from error
