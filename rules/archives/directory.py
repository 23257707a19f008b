"""The central directory of an archive: what is in it, and whether that can be believed."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from auditor.errors import AuditorError
from auditor.text import human_bytes, printable
from rules.archives.ranged import MOST_FETCHED, RangedFile, TooMuch

LOCAL_HEADER = 30  # bytes, without name and extra field
STORED, DEFLATED = 0, 8
MOST_TIMES, MOST_AT_LEAST = 100, 64 << 20  # what may be declared: so many times the archive, or so many bytes
_ENCRYPTED = 0x41
_UTF8 = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")


class BadArchive(Exception):
    """What is wrong, as the end of a sentence that begins "The archive …"."""


@dataclass(frozen=True)
class Member:
    """One entry; `offset` is that of its local header, sizes are bytes."""

    name: str
    raw_name: bytes
    offset: int
    compressed: int
    size: int
    crc: int
    method: int
    flags: int
    mode: int  # of the file system it came from, where it says one

    @property
    def shown(self) -> str:
        name = printable(self.name)
        return repr(name if len(name) <= 80 else f"{name[:80]}…")


def read_directory(size: int, tail: bytes, fetch: Callable[[int, int], bytes]) -> list[Member]:
    """The members in the order in which they lie. Raises BadArchive, and what `fetch` raises of ours."""
    try:
        with zipfile.ZipFile(RangedFile(size, tail, fetch)) as archive:
            members = sorted(map(_member, archive.infolist()), key=lambda member: member.offset)
            start = archive.start_dir
    except AuditorError:
        raise
    except TooMuch:
        raise BadArchive(f"has a central directory of more than {human_bytes(MOST_FETCHED)}; expected less") from None
    except Exception as error:  # on bytes that are no archive zipfile raises whatever comes up
        raise BadArchive(f"has no central directory that can be read ({type(error).__name__})") from error
    for fault in _faults(members, size, start):
        raise BadArchive(fault)
    return members


def _member(info: zipfile.ZipInfo) -> Member:
    return Member(
        name=info.orig_filename,
        raw_name=info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437"),
        offset=info.header_offset,
        compressed=info.compress_size,
        size=info.file_size,
        crc=info.CRC,
        method=info.compress_type,
        flags=info.flag_bits,
        mode=info.external_attr >> 16,
    )


def _faults(members: Sequence[Member], size: int, start: int) -> Iterator[str]:
    if not members:
        yield "holds no file; expected the classes of a course"
    elif members[0].offset:
        yield f"begins with {members[0].offset:,} bytes that belong to no file; expected the first file at byte 0"
    if len({member.name for member in members}) < len(members):
        yield "holds two files of one name; expected different names"
    for member in members:
        if fault := _name_fault(member.name) or _kind_fault(member):
            yield f"holds {member.shown}, {fault}"
    yield from _place_faults(members, start)
    declared = sum(member.size for member in members)
    if declared > max(MOST_AT_LEAST, MOST_TIMES * size):
        there = f"declares {human_bytes(declared)} of files in {human_bytes(size)}"
        yield f"{there}; expected at most {MOST_TIMES} times as much"


def _place_faults(members: Sequence[Member], start: int) -> Iterator[str]:
    ends = [*(member.offset for member in members), start]
    for member, (begin, end) in zip(members, pairwise(ends), strict=True):
        if not 0 <= begin <= begin + LOCAL_HEADER + len(member.raw_name) + member.compressed <= end:
            yield f"holds {member.shown}, which does not lie between its neighbours; expected one file after the other"


def _name_fault(name: str) -> str | None:
    if not name or not name.isprintable():
        return "a name that cannot be shown; expected printable characters"
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or ".." in name.split("/"):
        return "a path out of the archive; expected one inside"
    return None


def _kind_fault(member: Member) -> str | None:
    if member.flags & _ENCRYPTED:
        return "which is encrypted; expected a plain file"
    if member.method not in (STORED, DEFLATED):
        return f"with the compression method {member.method}; expected {STORED} (stored) or {DEFLATED} (deflated)"
    if member.method == STORED and member.compressed != member.size:
        return f"stored in {member.compressed:,} bytes; expected its {member.size:,}"
    if stat.S_ISLNK(member.mode):
        return "which is a symbolic link; expected a plain file"
    return None
