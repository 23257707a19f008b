"""Small bodies whose first bytes and structure are those of the real format."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
import zlib

from tests.world.crc64 import crc64


def filler(seed: str, size: int) -> bytes:
    """`size` bytes that no other seed has."""
    return hashlib.shake_128(seed.encode()).digest(size)


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(seed: str, size: int, width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = _chunk(b"IDAT", zlib.compress(filler(seed, size), 0))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + pixels + _chunk(b"IEND", b"")


def jpeg(seed: str, size: int, width: int, height: int) -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return start + frame + filler(seed, size).replace(b"\xff", b"\xfe") + b"\xff\xd9"


def webp(seed: str, size: int, width: int, height: int) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    payload = b"\x2f" + struct.pack("<I", bits) + filler(seed, size + 1 - size % 2)
    return b"RIFF" + struct.pack("<I", len(payload) + 12) + b"WEBPVP8L" + struct.pack("<I", len(payload)) + payload


def svg(seed: str, size: int, width: int, height: int) -> bytes:
    start = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    return f"{start}<!--{filler(seed, size // 2).hex()}--></svg>".encode()


IMAGES = {"png": png, "jpeg": jpeg, "webp": webp, "svg": svg}


def transport_stream(seed: str, packets: int) -> bytes:
    """MPEG-TS: packets of 188 bytes, each with the sync byte 0x47."""
    return b"".join(b"\x47" + filler(f"{seed}/{index}", 187) for index in range(packets))


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload) + 8) + kind + payload


def mp4(seed: str, size: int) -> bytes:
    """`ftyp`, then `moov` before `mdat` (fast start)."""
    brand = _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41")
    return brand + _box(b"moov", _box(b"mvhd", bytes(100))) + _box(b"mdat", filler(seed, size))


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
