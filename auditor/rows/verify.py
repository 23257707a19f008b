"""Whether a downloaded file is a whole SQLite database.

The header's layout is https://www.sqlite.org/fileformat2.html#the_database_header (integers are big-endian): the magic
at 0, the page size at 16 (1 stands for 65536), the change counter at 24, the size in pages at 28, and at 92 the change
counter for which that size is valid.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from auditor.rows.opening import connect

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100


class Unsound(Exception):
    """A backup that cannot be used; the message says why, without the backup's name."""


def check_header(path: Path) -> None:
    """Raises Unsound unless the file begins like a database and is as long as its header says."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise Unsound("it is not a SQLite database")
    (stored,) = struct.unpack_from(">H", header, 16)
    page_bytes = 65536 if stored == 1 else stored
    if page_bytes < 512 or page_bytes & (page_bytes - 1):
        raise Unsound(f"its header gives an impossible page size ({page_bytes})")
    changes, pages = struct.unpack_from(">II", header, 24)
    (valid_for,) = struct.unpack_from(">I", header, 92)
    size = path.stat().st_size
    expected = pages * page_bytes if pages and changes == valid_for else size // page_bytes * page_bytes
    if size != expected:
        raise Unsound(f"it has {size} bytes and its header says {expected}")


def quick_check(path: Path) -> None:
    """Raises Unsound with SQLite's first complaint."""
    try:
        with closing(connect(path, immutable=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Unsound(f"SQLite cannot read it ({error})") from error
    if verdict != "ok":
        raise Unsound(f"it fails SQLite's quick_check ({' '.join(verdict.split())})")
