"""Any bytes as a zip archive: members and faults that can be shown, and never more output than was declared."""

from __future__ import annotations

import hashlib
import io

from auditor.formats.stream import Exact
from rules.archives.directory import BadArchive, read_directory
from rules.archives.members import check_members
from rules.archives.rule import TAIL
from tests.world.bodies import course_zip

_SOUND = course_zip(["Rest"], "seed")
SEEDS = (_SOUND, _SOUND[:-9], _SOUND[3:], b"PK\x05\x06" + bytes(18), b"")


def one(data: bytes) -> None:
    body, digest = Exact(io.BytesIO(data), "", len(data)), hashlib.sha512()
    try:
        members = read_directory(len(data), data[-TAIL:], lambda start, length: data[start : start + length])
    except BadArchive as error:
        assert str(error).isprintable()  # noqa: PT017 - a fuzz target, without pytest
        members = []
    for fault in check_members(members, body, digest.update):
        assert fault.isprintable()
    assert digest.digest() == hashlib.sha512(data).digest()
