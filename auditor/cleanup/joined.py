"""Findings beside the objects that they are about: two sorted streams, met batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from auditor.errors import CannotStart
from auditor.findings import Finding
from auditor.frames import plain

_BATCH = 20_000  # objects


@dataclass(frozen=True, slots=True)
class Accused:
    """All findings about one key, and the object as the run listed it; None where it listed none."""

    key: str
    findings: tuple[Finding, ...]
    record: dict[str, Any] | None = None


def accused(findings: Iterable[Finding], objects: Path, wanted: Callable[[Finding], bool]) -> Iterator[Accused]:
    """Keys with a wanted finding, in their order. Raises CannotStart when the run's findings are out of order."""
    groups = _by_key(findings, wanted)
    group = next(groups, None)
    for table in _records(objects):
        keys = plain(table["key"])
        last = keys[-1].as_py()
        here: list[Accused] = []
        while group is not None and group.key <= last:
            here.append(group)
            group = next(groups, None)
        yield from _with_records(here, table, keys)
    while group is not None:
        yield group
        group = next(groups, None)


def _records(objects: Path) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(objects) as file:
            for batch in file.iter_batches(_BATCH):
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])
    except (OSError, pa.ArrowException) as error:
        raise CannotStart(f"{objects} cannot be read ({error}): is the folder whole?") from error


def _by_key(findings: Iterable[Finding], wanted: Callable[[Finding], bool]) -> Iterator[Accused]:
    """What is about no object comes last in a run, without a key, and is nothing to clean."""
    before = ""
    for key, group in groupby((found for found in findings if found.key), key=lambda found: found.key):
        if key <= before:  # Python compares text by code points, which is the order of its UTF-8 bytes
            raise CannotStart("the findings of this run are not sorted by key: take a whole run folder or scan again")
        before = key
        held = tuple(group)
        if any(map(wanted, held)):
            yield Accused(key, held)


def _with_records(here: list[Accused], table: pa.Table, keys: pa.Array) -> Iterator[Accused]:
    if not here:
        return
    at = pc.index_in(pa.array([one.key for one in here], pa.string()), value_set=keys)
    rows = iter(table.take(at.drop_null()).to_pylist())
    for one, found in zip(here, at.is_valid().to_pylist(), strict=True):
        yield Accused(one.key, one.findings, next(rows) if found else None)
