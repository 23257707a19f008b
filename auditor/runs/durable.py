"""Names and bytes that a loss of power does not take back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_UNABLE = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # file systems that cannot flush a folder


def flush_files(folder: Path) -> None:
    """The files of the folder, and then the folder itself; what lies deeper is not touched."""
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            flush(path)
    flush(folder)


def flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNABLE:
            raise
    finally:
        os.close(descriptor)
