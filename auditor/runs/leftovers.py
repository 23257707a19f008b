"""What a killed audit left in the folder of runs; for whoever holds the bucket's lock, since then nobody writes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from auditor.runs.names import halves


def remove_halves(runs: Path, bucket: str) -> Iterator[str]:
    """Removes half-written and half-removed runs of this bucket, and says so, one sentence for each."""
    try:
        found = list(halves(runs, bucket))
    except OSError as error:
        yield f"{runs} cannot be searched for what killed audits left ({error.strerror})"
        return
    for path in found:
        what = "half-written" if path.suffix == ".partial" else "half-removed"
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            yield f"the {what} run {path} cannot be removed: remove it by hand"
        else:
            yield f"removed the {what} run {path.name}, which an audit left that was killed"
