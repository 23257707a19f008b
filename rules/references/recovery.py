"""A lost object that a versioned bucket still keeps: what is left, and the command that brings it back.

`left` is the struct `remains` of a batch (see `auditor.protocols.BatchRule`).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.text import human_bytes, isoformat, printable

_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


def what_is_left(left: Mapping[str, Any], row_size: int | None) -> str:
    """One or two sentences; `row_size` is what the row says (bytes, -1 and None for unknown)."""
    deleted = f"It was deleted at {_second(left['deleted_at'])}"
    if left["version_id"] is None:
        return f"{deleted}, and no version of it is left."
    archived = f", {left['storage_class']}" if left["storage_class"] in _ARCHIVES else ""
    said = (
        f"Recoverable: {_lower(deleted)}, and the bucket keeps version {printable(left['version_id'])} of "
        f"{_second(left['version_modified'])} ({human_bytes(left['version_size'])}{archived})."
    )
    if row_size is None or row_size in (-1, left["version_size"]):
        return said
    return f"{said} Mind that it has {left['version_size']} bytes where the row says {row_size}."


def how_to_recover(left: Mapping[str, Any], bucket: str, key: str) -> str:
    """The command that takes the delete markers away, which gives back the very object; empty where none is left."""
    if left["version_id"] is None:
        return ""
    archived = " (it is archived, so restore-object must make it readable afterwards)"
    return (
        "If the object is not missed, delete the row and what refers to it. To bring it back, remove its delete marker"
        f"{'s' if len(left['markers']) > 1 else ''}{archived if left['storage_class'] in _ARCHIVES else ''}: "
        f"{_command(left['markers'], bucket, key)}"
    )


def _command(markers: Sequence[str], bucket: str, key: str) -> str:
    where = f"--bucket={shlex.quote(bucket)}"
    if len(markers) == 1:
        return f"aws s3api delete-object {where} --key={shell_word(key)} --version-id={shlex.quote(markers[0])}"
    several = {"Objects": [{"Key": key, "VersionId": marker} for marker in markers]}
    return f"aws s3api delete-objects {where} --delete={shlex.quote(json.dumps(several))}"


def shell_word(text: str) -> str:
    """The text as one word of a shell, and nothing in it does anything to a terminal.

    >>> shell_word("a/b"), shell_word("it's"), shell_word("a\\x1b[2J'")
    ('a/b', '\\'it\\'"\\'"\\'s\\'', "$'a\\\\x1b[2J\\\\x27'")
    """
    if printable(text) == text:
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(character: str) -> str:
    """As bash, zsh and ksh read it between `$'` and `'`."""
    if character.isascii() and character.isprintable() and character not in "'\\":
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def _second(moment: Any) -> str:
    return isoformat(moment.replace(microsecond=0))


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
