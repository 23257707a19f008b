"""Any bytes as the header of a SQLite file, and as a whole one: a verdict within the limits, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

from auditor.formats.sqlite_check import Damaged, Unchecked, examine
from auditor.formats.sqlite_header import HEADER_BYTES, header_fault
from tests.world.backups import old_database

_SOUND = old_database()
SEEDS = (_SOUND, _SOUND[:200], _SOUND[:HEADER_BYTES], b"SQLite format 3\x00", b"")
_FILE = Path(tempfile.mkdtemp(prefix="auditor-fuzz-")) / "copy"


def one(data: bytes) -> None:
    fault = header_fault(data[:HEADER_BYTES], len(data))
    assert fault is None or fault.isprintable()
    if fault is None:
        _FILE.write_bytes(data)
        try:
            examine(_FILE, ["users"])
        except (Damaged, Unchecked) as error:
            assert str(error)  # noqa: PT017 - a fuzz target, without pytest
