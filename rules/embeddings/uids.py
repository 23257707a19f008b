"""The uid field of a record: what it holds, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.text import printable
from rules.embeddings.layout import UID_LENGTH, UID_PATTERN

_UID = re.compile(UID_PATTERN)
_TEXT = re.compile(rb"[\x21-\x7e]+")


@dataclass(frozen=True)
class Fault:
    code: str
    there: str  # what the field is like, as the end of "record 3 has a uid field that …"


class UidField:
    """Reads uid fields of `length` bytes."""

    def __init__(self, length: int) -> None:
        self._sound = re.compile(rb"\0{%d}(%b)" % (length - UID_LENGTH, UID_PATTERN))

    def read(self, field: bytes) -> tuple[str | None, Fault | None]:
        """The journey's uid, if one can be made out, and the fault, if there is one."""
        if sound := self._sound.fullmatch(field):
            return sound[1].decode(), None
        found = _UID.search(field)
        return (found[0].decode() if found else None), _fault(field, found)


def _fault(field: bytes, found: re.Match[bytes] | None) -> Fault:
    body = field.lstrip(b"\0")
    if found and found.end() < len(field):
        return Fault("EMB002", "has other bytes after its uid")
    if found:
        return Fault("EMB002", "has other bytes than NUL before its uid")
    if b"\0" in body:
        return Fault("EMB002", "has NUL bytes elsewhere than on the left")
    if not body:
        return Fault("EMB003", "is empty")
    if _TEXT.fullmatch(body):
        return Fault("EMB003", f"holds {printable(body.decode())}")
    return Fault("EMB003", f"holds {len(body)} bytes that are no text")
