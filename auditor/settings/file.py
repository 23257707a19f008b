"""Where the settings file is, and its bytes."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import CannotStart
from auditor.spec import Source

FILE_NAME = "auditor.toml"


def find_file(folder: Path) -> Path | None:
    """The first `auditor.toml` from an absolute folder upwards; nothing but the root ends the search.

    Raises CannotStart where a folder on the way cannot be searched: a file that is there is never passed over.
    """
    for place in (folder, *folder.parents):
        path = place / FILE_NAME
        try:
            if path.is_file():
                return path
        except OSError as error:
            raise CannotStart(
                f"whether there is a {path} cannot be told ({error.strerror}): name the file with --config, "
                "or use none with --isolated"
            ) from error
    return None


def read_source(path: Path) -> Source:
    """Raises CannotStart. The name is short where the file lies in the working folder."""
    try:
        return Source(_name(path), path.read_bytes())
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be read ({error.strerror}): name another file with --config, or use none with --isolated"
        ) from error


def readable_by_all(path: Path) -> bool:
    """Whether every user of the machine may read the file."""
    return bool(path.stat().st_mode & 0o004)


def _name(path: Path) -> str:
    try:
        inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    except OSError:  # there is no working folder any more
        return str(path)
    return os.path.relpath(path) if inside else str(path)
