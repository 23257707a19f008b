"""Names in the folder of runs that are not runs: they begin with a dot, and say which bucket they belong to."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

_RANDOM = "[a-z0-9_]{8}"  # as tempfile makes it


def mark_of(bucket: str) -> str:
    """A bucket's URL as a part of a file name."""
    return hashlib.sha256(bucket.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def lock_name(bucket: str) -> str:
    return f".auditor-{mark_of(bucket)}.lock"


def partial_affixes(name: str, bucket: str) -> tuple[str, str]:
    """What the name of an unfinished run begins and ends with; something random stands between."""
    return f".{name}.{mark_of(bucket)}.", ".partial"


def removing_name(name: str, bucket: str) -> str:
    """What a run is called while it is being removed."""
    return f".{name}.{mark_of(bucket)}.{secrets.token_hex(4)}.removing"


def halves(runs: Path, bucket: str) -> Iterator[Path]:
    """Folders of this bucket that are half written or half removed. Raises OSError."""
    ours = re.compile(rf"\..+\.{mark_of(bucket)}\.{_RANDOM}\.(?:partial|removing)", re.DOTALL)
    for path in sorted(runs.iterdir()):
        if ours.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path
