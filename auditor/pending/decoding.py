"""A program of its own: the members of one sorted set that an RDB file holds. `decoding.py RDB_FILE MEMBERS_FILE`

The RDB parser is a compiled library and the file may hold anything: a length that is a lie makes the library end its
process. So it has a process to itself, with limits of its own, and what it wrote counts only if it said goodbye (0).
The output is, for each member, f64 LE score, u32 LE length, member.
"""

from __future__ import annotations

import contextlib
import os
import resource
import struct
import sys
from typing import Any

import rdb

MEMORY, OUTPUT, PROCESSOR = 4 << 30, 2 << 30, 300  # bytes of address space, bytes of output, seconds
WRONG_TYPE, TRAILING = 3, 4  # exit codes
_KEY = b"k"


def main(source: str, target: str) -> int:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CPU, PROCESSOR),
    ):
        with contextlib.suppress(ValueError, OSError):  # a limit that is lower already
            resource.setrlimit(limit, (most, most))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold what the backup holds
    items: list[Any] = [item for item in rdb.RdbDecoder(source) if item["type"] not in ("select_db", "checksum")]
    if len(items) != 1:
        return TRAILING
    if items[0]["type"] != "sorted_set" or items[0]["key"] != _KEY:
        return WRONG_TYPE
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for score, member in items[0]["values"]:
            file.write(struct.pack("<dI", score, len(member)))
            file.write(member)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
