"""Text files that are hashed while they are written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_PIECE = 1 << 20


class HashedFile:
    """Written once, in UTF-8, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest = hashlib.sha256()

    def write(self, text: str) -> None:
        content = text.encode()
        self._digest.update(content)
        self._file.write(content)

    def close(self) -> str:
        """The SHA-256 of what was written, as hex."""
        self._file.close()
        return self._digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
