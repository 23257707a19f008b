"""A disk without room, which is nobody's fault and needs a sentence, not a traceback."""

from __future__ import annotations

import errno
import sqlite3

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PRIMARY = 0xFF  # the bits of SQLite's result codes that say what an extended one is about


def is_full_disk(error: BaseException) -> bool:
    """
    >>> is_full_disk(OSError(errno.ENOSPC, "No space left on device")), is_full_disk(OSError(errno.EACCES, "no"))
    (True, False)
    """
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & _PRIMARY == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _FULL
