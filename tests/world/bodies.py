"""Small bodies whose first bytes and structure are those of the real format."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
import zlib
from functools import cache

from PIL import Image

from tests.world.crc64 import crc64


def filler(seed: str, size: int) -> bytes:
    """`size` bytes that no other seed has."""
    return hashlib.shake_128(seed.encode()).digest(size)


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


@cache
def _drawn(form: str, width: int, height: int, **options: object) -> bytes:
    """What Pillow makes of an empty picture; much of the time of a large world would go into drawing each anew."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), (40, 90, 160)).save(made, form, **options)  # type: ignore[arg-type]
    return made.getvalue()


def png(seed: str, size: int, width: int, height: int) -> bytes:
    """A picture with a comment of `size` bytes, as all the others."""
    drawn = _drawn("PNG", width, height)
    comment = _chunk(b"tEXt", b"Comment\0" + filler(seed, size // 2).hex().encode())
    return drawn[:33] + comment + drawn[33:]


def jpeg(seed: str, size: int, width: int, height: int) -> bytes:
    drawn = _drawn("JPEG", width, height, progressive=True)
    return drawn[:2] + b"\xff\xfe" + struct.pack(">H", size + 2) + filler(seed, size) + drawn[2:]


def webp(seed: str, size: int, width: int, height: int) -> bytes:
    """The extended form: a canvas, the picture, and a chunk of Exif, which nobody reads."""
    drawn = _drawn("WEBP", width, height, lossless=True)
    canvas = struct.pack("<I", 0x08) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    size += size % 2
    chunks = (
        b"VP8X" + struct.pack("<I", 10) + canvas + drawn[12:] + b"EXIF" + struct.pack("<I", size) + filler(seed, size)
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def gif(seed: str, size: int, width: int, height: int) -> bytes:
    return _drawn("GIF", width, height) + filler(seed, size)


def svg(seed: str, size: int, width: int, height: int) -> bytes:
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    return f"{start}<!--{filler(seed, size // 2).hex()}--></svg>".encode()


IMAGES = {"png": png, "jpeg": jpeg, "jpg": jpeg, "webp": webp, "svg": svg, "gif": gif}


def transport_stream(seed: str, packets: int) -> bytes:
    """MPEG-TS: a packet for the table of programmes, then packets of one stream, all of 188 bytes and counted."""
    heads = [b"\x47\x40\x00\x10"] + [b"\x47\x01\x00" + bytes([0x10 | index % 16]) for index in range(packets - 1)]
    return b"".join(head + filler(f"{seed}/{index}", 184) for index, head in enumerate(heads))


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload) + 8) + kind + payload


def mp4(seed: str, size: int, faststart: bool = True) -> bytes:
    """`ftyp`, then `moov` before `mdat`, unless `faststart` is off; one track, whose only chunk is all of `mdat`."""
    brand, samples = _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41"), _box(b"mdat", filler(seed, size))
    if not faststart:
        return brand + samples + _moov(len(brand) + 8)
    return brand + _moov(len(brand) + len(_moov(0)) + 8) + samples


def _moov(offset: int) -> bytes:
    inner = _box(b"stco", struct.pack(">III", 0, 1, offset))
    for kind in (b"stbl", b"minf", b"mdia", b"trak"):
        inner = _box(kind, inner)
    return _box(b"moov", _box(b"mvhd", bytes(100)) + inner)


def course_zip(titles: list[str], seed: str) -> bytes:
    archive = io.BytesIO()
    members = {"meta.txt": b"exporter version: 1.0.7", "index.html": b"<!doctype html><title>Course</title>"}
    members |= {f"classes/{title}.mp4": mp4(f"{seed}/{title}", 200) for title in titles}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, body in members.items():
            file.writestr(zipfile.ZipInfo(name), body)
    return archive.getvalue()


def fernet_key(seed: str) -> bytes:
    """44 bytes of URL-safe base64 that end in `=`; no key that anybody uses."""
    return base64.urlsafe_b64encode(filler(seed, 32))


def fernet_token(seed: str, at: int) -> bytes:
    return base64.urlsafe_b64encode(b"\x80" + struct.pack(">Q", at) + filler(seed, 80))


def redis_backup(values: dict[bytes, bytes]) -> bytes:
    """Chunks of key length, key, dump length, dump; a dump is a string value, RDB version 11 and a CRC-64."""
    return b"".join(_redis_chunk(key, value) for key, value in values.items())


def _redis_chunk(key: bytes, value: bytes) -> bytes:
    if len(value) > 63:
        raise ValueError("only values of the six-bit length form")
    body = b"\x00" + bytes([len(value)]) + value + struct.pack("<H", 11)
    dump = body + struct.pack("<Q", crc64(body))
    return struct.pack(">I", len(key)) + key + struct.pack(">I", len(dump)) + dump
