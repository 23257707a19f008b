"""Archives as Python's zipfile makes them, and ones that it would not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

METHOD = zipfile.ZIP_DEFLATED
COURSE = {
    "meta.txt": b"exporter version: 1.0.7",
    "index.html": b"<!doctype html><title>Course</title>" * 40,
    "classes/Schöner_atmen.mp4": bytes(range(256)) * 30,
    "classes/Rest_2.mp4": b"\x00\x00\x00\x20ftypisom" * 50,
}


class Unseekable(io.BytesIO):
    """What a web server writes an archive to: sizes come behind the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError("not seekable")


def archive(
    members: Mapping[str, bytes] = COURSE, method: int = METHOD, *, comment: bytes = b"", to: io.BytesIO | None = None
) -> bytes:
    file = to or io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=9) as made:
        for name, body in members.items():
            made.writestr(zipfile.ZipInfo(name), body, compress_type=method)
        made.comment = comment
    return file.getvalue()


def raw(
    entries: Mapping[bytes, tuple[bytes, bytes]],
    *,
    declared: int | None = None,
    flags: int = 0x800,
    method: int = 8,
    mode: int = 0,
    offset: int | None = None,
) -> bytes:
    """An archive of (local name, deflated data) by name; `declared` and `offset` are what its directory says."""
    body, directory = bytearray(), bytearray()
    for name, (local, data) in entries.items():
        size = len(zlib.decompress(data, -15)) if declared is None and method == 8 else declared or len(data)
        crc = zlib.crc32(zlib.decompress(data, -15)) if method == 8 and declared is None else 0
        numbers = struct.pack("<HHIII", 0, 0x21, crc, len(data), size)
        at = len(body) if offset is None else offset
        tail = struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, mode << 16, at)
        directory += b"PK\x01\x02" + struct.pack("<HHHH", 0x314, 20, flags, method) + numbers + tail + name
        body += b"PK\x03\x04" + struct.pack("<HHH", 20, flags, method) + numbers
        body += struct.pack("<HH", len(local), 0) + local + data
    count = len(entries)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory) + end


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()
