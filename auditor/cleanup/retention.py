"""Backups beyond the age that the user named, and those that stay whatever their age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from auditor.cleanup.model import RETENTION, Action, Ground, Item
from auditor.cleanup.selection import Retention
from auditor.findings import Finding, Status, fingerprint
from auditor.spec import Specification
from auditor.text import isoformat, printable

UNSOUND = frozenset({"BAK001", "BAK002", "BAK004", "RUN001"})  # such a backup cannot stand in for an older one
_COLUMNS = ["key", "size", "last_modified", "etag", "storage_class", "family", "class"]


@dataclass(frozen=True)
class Beyond:
    """`items` in key order; `kept` are the sound backups (key, etag), by family, without which nothing goes."""

    items: Sequence[Item] = ()
    kept: Mapping[str, Sequence[Mapping[str, str | None]]] = field(default_factory=dict)
    left_out: int = 0  # of no time that can be read, or too few sound ones newer than they


@dataclass(frozen=True)
class _Backup:
    """`time` is the later of the time in the key and that of storing: whichever makes it younger."""

    time: datetime
    record: dict[str, Any]
    sound: bool

    @property
    def key(self) -> str:
        return str(self.record["key"])


def beyond(
    objects: Path,
    findings: Iterable[Finding],
    retentions: Sequence[Retention],
    spec: Specification,
    summary: Mapping[str, Any],
    bucket: str,
) -> Beyond:
    """What a run's record says. Backups are few, so they are held; nothing else of the bucket is."""
    families = {retention.family for retention in retentions}
    if not families:
        return Beyond()
    unsound = {found.key for found in findings if found.rule in UNSOUND and found.family in families}
    backups, timeless = _backups(objects, families, spec, unsound)
    started = datetime.fromisoformat(summary["started_at"])
    used = tuple(str((summary.get(name) or {}).get("source") or "") for name in ("rows", "pending"))
    items: list[Item] = []
    kept: dict[str, list[Mapping[str, str | None]]] = {}
    short = timeless
    for retention in retentions:
        mine = sorted(backups.get(retention.family, ()), key=lambda one: (one.time, one.key), reverse=True)
        sound = [one for one in mine if one.sound][: retention.keep]
        stay = {one.key for one in sound}
        old = [one for one in mine if one.time < started - retention.age]
        if len(sound) < retention.keep:
            short += len(old)
            continue
        least = min(one.time for one in sound)
        gone = [one for one in old if one.key not in stay and one.time <= least and not _is_used(one.key, used)]
        short += sum(one.key not in stay for one in old) - len(gone)
        items += [_item(one, retention, bucket) for one in gone]
        kept[retention.family] = [{"key": one.key, "etag": one.record["etag"]} for one in sound]
    return Beyond(sorted(items, key=lambda item: item.key), kept, short)


def _is_used(key: str, used: Sequence[str]) -> bool:
    """Whether the run itself read its rows, or its list of files about to be deleted, from this backup."""
    return any(source.endswith(f" {printable(key)}") for source in used)


def _backups(
    objects: Path, families: set[str], spec: Specification, unsound: set[str]
) -> tuple[dict[str, list[_Backup]], int]:
    found: dict[str, list[_Backup]] = defaultdict(list)
    timeless = 0
    for rows in _listed(objects, families):
        for row, told in zip(rows, spec.key_times([row["key"] for row in rows]), strict=True):
            if told is None:
                timeless += 1
                continue
            sound = row["key"] not in unsound and row["size"] > 0
            found[row["family"]].append(_Backup(max(told, row["last_modified"]), row, sound))
    return found, timeless


def _listed(objects: Path, families: set[str]) -> Iterator[list[dict[str, Any]]]:
    wanted = pc.field("family").isin(pa.array(sorted(families), pa.string())) & (pc.field("class") == "ok")
    scanner = ds.dataset(objects, format="parquet").scanner(columns=_COLUMNS, filter=wanted, batch_readahead=2)
    for batch in scanner.to_batches():
        yield batch.to_pylist()


def _item(backup: _Backup, retention: Retention, bucket: str) -> Item:
    days = retention.age.total_seconds() / 86_400
    message = (
        f"A backup of {isoformat(backup.time)}, older than {days:g} days; "
        f"the newest {retention.keep} that are sound are kept."
    )
    mark = fingerprint(RETENTION, bucket, backup.key, None)
    ground = Ground(RETENTION, str(Status.SEEN), message, mark, None, None)
    record = backup.record
    return Item(
        Action.DELETE,
        backup.key,
        (ground,),
        family=retention.family,
        size=record["size"],
        last_modified=record["last_modified"],
        etag=record["etag"],
        storage_class=record["storage_class"],
    )
