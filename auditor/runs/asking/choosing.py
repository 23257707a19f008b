"""RUN: the folder of a run, or a folder of such folders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from auditor.errors import CannotStart
from auditor.runs.folder import SUMMARY, RunFolder, open_run


def choose_run(path: Path) -> RunFolder:
    """The run in this folder, or the newest complete one of the runs in it.

    Raises CannotStart where there is neither.
    """
    if (path / SUMMARY).exists() or not path.is_dir():
        return open_run(path)
    found = list(_runs(path))
    complete = [run for run in found if run.summary.get("complete")]
    if complete:
        return max(complete, key=started)
    if found:
        raise CannotStart(f"no run in {path} is complete: name the folder of one, such as {found[0].folder}")
    raise CannotStart(f"{path} is neither the folder of a run nor a folder with runs in it: it has no {SUMMARY}")


def started(run: RunFolder) -> datetime:
    """When the run began, by the store's clock. Raises CannotStart when its summary does not say."""
    try:
        return datetime.fromisoformat(run.summary["started_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise CannotStart(f"{run.folder / SUMMARY} does not say when the run began: is the folder whole?") from error


def _runs(path: Path) -> Iterator[RunFolder]:
    try:
        folders = sorted(path.iterdir())
    except OSError as error:
        raise CannotStart(f"{path} cannot be read ({error.strerror}): name the folder of a run") from error
    for folder in folders:
        # what begins with a dot is being written, or was left by a run that was killed
        if not folder.name.startswith(".") and (folder / SUMMARY).exists():
            yield open_run(folder)
