"""The backups that a run listed, family by family, from the run's record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from auditor.spec import Specification

_NOT_THERE = ("gone", "ignored")


@dataclass(frozen=True, order=True)
class Backup:
    """One backup; in order of the time in its key."""

    time: datetime
    key: str
    size: int  # bytes
    last_modified: datetime


def listed(record: Path, families: Iterable[str], spec: Specification) -> dict[str, list[Backup]]:
    """Backups by family, each list in order of time; keys that tell no time are left out.

    Read batch by batch: only backups are kept, however many other objects the bucket has.
    """
    found: dict[str, list[Backup]] = defaultdict(list)
    wanted = pc.field("family").isin(pa.array(families, pa.string())) & ~pc.field("class").isin(_NOT_THERE)
    columns = ["key", "size", "last_modified", "family"]
    scanner = ds.dataset(record, format="parquet").scanner(columns=columns, filter=wanted, batch_readahead=2)
    for batch in scanner.to_batches():
        rows = batch.to_pylist()
        for row, time in zip(rows, spec.key_times([row["key"] for row in rows]), strict=True):
            if time is not None:
                found[row["family"]].append(Backup(time, row["key"], row["size"], row["last_modified"]))
    return {family: sorted(backups) for family, backups in found.items()}
