"""A finished run folder into the history: in one transaction, once, and only in the order of the runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from auditor.errors import AuditorError
from auditor.findings import Finding
from auditor.history.evidence import horizon
from auditor.history.file import COLUMNS
from auditor.history.instants import NIGHT, micros
from auditor.history.past import PAGE, History
from auditor.runs.folder import SUMMARY, RunFolder, open_run
from auditor.runs.forward import Forward
from auditor.runs.looked import FILENAME as LOOKED

_BESIDE = ("bucket", "fingerprint", "missed_at", "horizon", "depth", "run")
_NAMES = ", ".join((*_BESIDE, *COLUMNS))
_VALUES = ", ".join(f":{name}" for name in (*_BESIDE, *COLUMNS))
_SEEN = ("last_seen", "horizon", "depth", "run", "severity", "status", "family", "size", "last_modified", "message")
_AGAIN = f"state = 'fixed' OR excluded.last_seen - night_at >= {NIGHT}"
_KEEP = f"""
INSERT INTO findings (state, first_seen, last_seen, night_at, nights, {_NAMES})
VALUES ('open', :started, :started, :started, 1, {_VALUES})
ON CONFLICT (bucket, fingerprint) DO UPDATE SET
    nights = CASE WHEN state = 'fixed' THEN 1 WHEN {_AGAIN} THEN nights + 1 ELSE nights END,
    night_at = CASE WHEN {_AGAIN} THEN excluded.night_at ELSE night_at END,
    missed_at = CASE WHEN state = 'fixed' OR row_uid IS NOT excluded.row_uid THEN excluded.missed_at ELSE missed_at END,
    row_uid = excluded.row_uid, suggestion = excluded.suggestion, name = excluded.name, state = 'open',
    {", ".join(f"{name} = excluded.{name}" for name in _SEEN)}
"""  # noqa: S608 -- names of ours alone
_FIX = "UPDATE findings SET state = 'fixed', run = ? WHERE bucket = ? AND fingerprint = ? AND state = 'open'"


class NotRecorded(AuditorError):
    """The history could not be written; the run folder is whole, and the next scan beside it records it."""


@dataclass(frozen=True)
class _About:
    """What the run says of all its findings."""

    bucket: int
    run: str
    started: int
    missed_at: int
    horizon: int


def record(history: History, run: RunFolder) -> bool:
    """Whether the run was recorded; not if it is incomplete, is recorded already, or began before the newest one.

    Raises NotRecorded, and CannotStart where the folder is not whole; the history is then what it was before.
    """
    if not run.summary["complete"]:
        return False
    connection = history.connection_to_write()
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = _record(history, run)
        except BaseException:
            if connection.in_transaction:  # a full disk has ended it already
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise NotRecorded(
            f"{history.path} could not be written ({error}): the next scan beside it catches up"
        ) from error
    return done


def catch_up(history: History, runs: Path) -> Iterator[str]:
    """Records the runs in the folder `runs` that ended without being recorded, oldest first; tells what went wrong.

    Only runs that were made beside a history have what it takes.
    """
    known, newest = history.runs(), history.newest()
    since = micros(newest.started_at) if newest else None
    waiting = [
        (micros(summary["started_at"]), folder)
        for folder, summary in _complete_runs(runs)
        if summary["bucket"] == history.url and summary["run_id"] not in known
    ]
    for started, folder in sorted(waiting):
        if since is None or started > since:
            try:
                record(history, open_run(folder))
            except AuditorError as error:
                yield f"the run {folder} is not in the history: {error}"


def _complete_runs(runs: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Runs that were going to be recorded. What is no run is passed over."""
    for path in runs.glob(f"*/{SUMMARY}"):
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
            if summary["complete"] and summary["history"]["recorded"]:
                yield path.parent, summary
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _record(history: History, run: RunFolder) -> bool:
    summary = run.summary
    started, newest = micros(summary["started_at"]), history.newest()
    if summary["run_id"] in history.runs() or (newest is not None and micros(newest.started_at) >= started):
        return False
    bucket = history.bucket_to_record()
    about = _About(bucket, summary["run_id"], started, micros(summary["listing"]["ended"]), horizon(summary))
    connection = history.connection
    connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", (bucket, about.run, started, run.folder.name))
    for page in _pages(_values(run, about)):
        connection.executemany(_KEEP, page)
    fixed = ((about.run, bucket, bytes.fromhex(finding.fingerprint)) for finding in run.fixed())
    connection.executemany(_FIX, fixed)
    return True


def _pages(values: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while page := list(islice(values, PAGE)):
        yield page


def _values(run: RunFolder, about: _About) -> Iterator[dict[str, Any]]:
    looked = Forward(run.folder / LOOKED, "depth")
    for finding in run.findings():
        depth = looked.find(finding.key) if finding.key else None
        yield {**vars(about), **_cells(finding), "depth": depth}


def _cells(finding: Finding) -> dict[str, Any]:
    values = {name: getattr(finding, name) for name in COLUMNS if name != "bucket_name"}
    values |= {"severity": str(finding.severity), "status": str(finding.status), "bucket_name": finding.bucket}
    values["last_modified"] = None if finding.last_modified is None else micros(finding.last_modified)
    return values | {"fingerprint": bytes.fromhex(finding.fingerprint)}
