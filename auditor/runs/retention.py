"""Which old runs go. A folder is removed only when it is surely a run of this bucket, and holds nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.errors import CannotStart
from auditor.runs.durable import flush
from auditor.runs.folder import SUMMARY, RunFolder, open_run
from auditor.runs.names import removing_name


@dataclass(frozen=True)
class Keep:
    """A run is kept if either says so; without either, every run is."""

    runs: int | None = None  # so many, the newest
    age: timedelta | None = None  # those that began no longer than this before the newest


@dataclass(frozen=True)
class _Held:
    folder: Path
    began: datetime
    complete: bool


def remove_old(newest: RunFolder, bucket: str, keep: Keep, written: Collection[str]) -> Iterator[str]:
    """Removes what need not be kept beside the newest run, and says what it removed and what it left alone.

    Only runs of the same bucket and prefix count. `written` has the names that this tool gives to files of a run: a
    folder with anything else in it is somebody's, and stays.
    """
    if keep == Keep():
        return
    others, unreadable = _runs_beside(newest)
    for path in unreadable:
        yield f"{path} is kept, since nobody can say which bucket's run it is: its summary cannot be read"
    for run in _superfluous(others, newest, keep):
        if strange := _not_ours(run.folder, written):
            yield f"the old run {run.folder} is kept, since it holds {strange!r}, which is of no run"
            continue
        try:
            _remove(run.folder, bucket)
        except OSError as error:
            yield f"the old run {run.folder} cannot be removed ({error.strerror}): remove it by hand"
        else:
            yield f"removed the old run {run.folder}"


def _runs_beside(newest: RunFolder) -> tuple[list[_Held], list[Path]]:
    """The runs of this bucket and prefix, the newest first; and what may be one, if only it could be read."""
    found, unreadable = [], []
    for path in newest.folder.parent.iterdir():
        if path.name.startswith(".") or path.is_symlink() or not path.is_dir() or path.name == newest.folder.name:
            continue
        try:
            summary = open_run(path).summary
            same = all(summary[name] == newest.summary[name] for name in ("bucket", "prefix"))
            began, complete = datetime.fromisoformat(summary["started_at"]), summary["complete"] is True
            if same:
                found.append(_Held(path, began.astimezone(UTC), complete))
        except (CannotStart, KeyError, TypeError, ValueError):
            if _has_summary(path):
                unreadable.append(path)
    return sorted(found, key=lambda run: (run.began, run.folder.name), reverse=True), sorted(unreadable)


def _has_summary(folder: Path) -> bool:
    try:
        return (folder / SUMMARY).exists()
    except OSError:  # nobody may look into it: a folder of somebody else
        return False


def _superfluous(others: list[_Held], newest: RunFolder, keep: Keep) -> list[_Held]:
    kept = set(others[: keep.runs - 1] if keep.runs else ())
    if keep.age is not None:
        now = datetime.fromisoformat(newest.summary["started_at"])
        kept |= {run for run in others if now - run.began <= keep.age}
    if not newest.summary["complete"]:
        kept |= set([run for run in others if run.complete][:1])
    return [run for run in others if run not in kept]


def _not_ours(folder: Path, written: Collection[str]) -> str | None:
    """The name of a thing in the folder that this tool did not write, or cannot have written so."""
    try:
        for path in sorted(folder.iterdir()):
            if path.name not in written or path.is_symlink() or not path.is_file():
                return path.name
    except OSError as error:
        return error.strerror
    return None


def _remove(folder: Path, bucket: str) -> None:
    """Under another name first: whoever is killed half way leaves no half run with the name of a whole one."""
    removing = folder.with_name(removing_name(folder.name, bucket))
    folder.rename(removing)
    flush(removing.parent)
    shutil.rmtree(removing)
