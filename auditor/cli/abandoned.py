"""What a process left on this machine that was killed in the middle."""

from __future__ import annotations

from auditor.formats.private_folder import remove_abandoned
from auditor.progress import Progress


def tidy_up(progress: Progress) -> None:
    """Removes private copies that nobody holds any more, and says so."""
    for folder in remove_abandoned():
        progress.note(f"removed {folder}, private files that were left when their process was killed")
