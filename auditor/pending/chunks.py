"""The dumps of one key in a redis backup, taken out of it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from auditor.errors import ObjectUnreadable
from auditor.formats.redis import BrokenChunk, chunks
from auditor.formats.stream import Exact
from auditor.rows.verify import Unsound


def copy_dumps(path: Path, key: bytes, folder: Path) -> list[Path]:
    """Walks the whole file, checks every dump, and copies those of `key` into `folder`, one file each (0600).

    Keys and lengths are covered by no checksum, so a walk counts only when every dump of the file is sound and the file
    ends with one. The copies lack the dump's checksum. Raises Unsound, with the offset of the first fault.
    """
    copies: list[Path] = []
    with ExitStack() as stack, path.open("rb") as file:

        def copy_of(found: bytes) -> BinaryIO | None:
            if found != key:
                return None
            copies.append(folder / f"{len(copies) + 1}.dump")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            return stack.enter_context(os.fdopen(os.open(copies[-1], flags, 0o600), "wb"))

        try:
            for chunk in chunks(Exact(file, path.name, path.stat().st_size), copy_of):
                if chunk.fault is not None:
                    raise Unsound(f"the dump of the chunk at byte {chunk.offset} {chunk.fault}")
        except BrokenChunk as error:
            raise Unsound(f"at byte {error.offset} {error}") from error
        except ObjectUnreadable as error:
            raise Unsound(f"it is cut off: {error.reason}") from error
    return copies
