"""Sorted sets as redis writes them into RDB files and dumps, encoding by encoding.

The formats are those of redis' rdb.c, listpack.c, ziplist.c and of LZF; a real redis takes what is written here
(tests/pending/test_real_dumps.py gives it to RESTORE).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

from tests.world.crc64 import crc64

Scored = Sequence[tuple[bytes, float]]
VERSION = 11  # of RDB, as redis 7.2 has it


def length(size: int) -> bytes:
    """Six, fourteen, thirty-two bits."""
    if size < 1 << 6:
        return bytes([size])
    return struct.pack(">H", size | 0x4000) if size < 1 << 14 else b"\x80" + struct.pack(">I", size)


def string(value: bytes) -> bytes:
    """As an integer where redis would do so, compressed where that is shorter, else as it is."""
    if value.lstrip(b"-").isdigit() and len(value) < 12 and str(int(value)).encode() == value:
        for mark, form in ((b"\xc0", "<b"), (b"\xc1", "<h"), (b"\xc2", "<i")):
            bits = 8 * struct.calcsize(form) - 1
            if -(1 << bits) <= int(value) < 1 << bits:
                return mark + struct.pack(form, int(value))
    packed = lzf(value) if len(value) > 20 else value
    if len(packed) + 4 < len(value):
        return b"\xc3" + length(len(packed)) + length(len(value)) + packed
    return length(len(value)) + value


def lzf(data: bytes) -> bytes:
    out, literal, seen, at = bytearray(), bytearray(), dict[bytes, int](), 0

    def flush() -> None:
        for start in range(0, len(literal), 32):
            piece = literal[start : start + 32]
            out.extend(bytes([len(piece) - 1]) + piece)
        literal.clear()

    while at < len(data):
        start, three = seen.get(data[at : at + 3]), data[at : at + 3]
        seen[three] = at
        if start is None or len(three) < 3 or at - start > 8192:
            literal.append(data[at])
            at += 1
            continue
        same = 3
        while same < 264 and at + same < len(data) and data[start + same] == data[at + same]:
            same += 1
        flush()
        high, low = divmod(at - start - 1, 256)
        out.extend(bytes([(same - 2) << 5 | high, low] if same < 9 else [0xE0 | high, same - 9, low]))
        at += same
    flush()
    return bytes(out)


def skiplist(members: Scored) -> bytes:
    return b"\x05" + length(len(members)) + b"".join(string(name) + struct.pack("<d", score) for name, score in members)


def old_skiplist(members: Scored) -> bytes:
    """With scores as texts, as before redis 3.2."""
    texts = [(name, repr(score).encode()) for name, score in members]
    return b"\x03" + length(len(members)) + b"".join(string(name) + bytes([len(text)]) + text for name, text in texts)


def _flat(members: Scored) -> list[bytes]:
    """Members and scores by turns; a whole number is written without a point."""
    texts = [(name, _text(score)) for name, score in members]
    return [text for pair in texts for text in pair]


def _text(score: float) -> bytes:
    return b"%d" % score if abs(score) < 1 << 53 and score == int(score) else repr(score).encode()


def _integer(value: bytes, most: int = 63) -> int | None:
    if not value or len(value) > 20 or not value.lstrip(b"-").isdigit() or str(int(value)).encode() != value:
        return None
    return int(value) if -(1 << most) <= int(value) < 1 << most else None


def listpack(members: Scored) -> bytes:
    entries = b"".join(map(_listpack_entry, _flat(members)))
    body = struct.pack("<IH", len(entries) + 7, 2 * len(members)) + entries + b"\xff"
    return b"\x11" + length(len(body)) + body


def _listpack_entry(value: bytes) -> bytes:
    number = _integer(value)
    if number is not None:
        entry = _listpack_integer(number)
    elif len(value) < 1 << 6:
        entry = bytes([0x80 | len(value)]) + value
    elif len(value) < 1 << 12:
        entry = struct.pack(">H", 0xE000 | len(value)) + value
    else:
        entry = b"\xf0" + struct.pack("<I", len(value)) + value
    groups = [len(entry) >> shift & 0x7F for shift in range(0, len(entry).bit_length(), 7)]
    # read from the end, seven bits a byte; a byte with its highest bit set goes on to the one before it
    return entry + bytes([groups[-1]]) + bytes(group | 0x80 for group in reversed(groups[:-1]))


def _listpack_integer(number: int) -> bytes:
    if 0 <= number < 128:
        return bytes([number])
    if -4096 <= number < 4096:
        return struct.pack(">H", 0xC000 | number & 0x1FFF)
    for mark, size in ((0xF1, 2), (0xF2, 3), (0xF3, 4), (0xF4, 8)):
        if -(1 << 8 * size - 1) <= number < 1 << 8 * size - 1:
            return bytes([mark]) + number.to_bytes(size, "little", signed=True)
    raise ValueError(number)


def ziplist(members: Scored) -> bytes:
    entries, previous, tail = b"", 0, 10
    for value in _flat(members):
        before = bytes([previous]) if previous < 254 else b"\xfe" + struct.pack("<I", previous)
        entry = before + _ziplist_value(value)
        tail = 10 + len(entries)
        entries += entry
        previous = len(entry)
    body = struct.pack("<IIH", len(entries) + 11, tail, 2 * len(members)) + entries + b"\xff"
    return b"\x0c" + length(len(body)) + body


def _ziplist_value(value: bytes) -> bytes:
    number = _integer(value)
    if number is not None and 0 <= number <= 12:
        return bytes([0xF1 + number])
    if number is not None:
        for mark, size in ((0xFE, 1), (0xC0, 2), (0xF0, 3), (0xD0, 4), (0xE0, 8)):
            if -(1 << 8 * size - 1) <= number < 1 << 8 * size - 1:
                return bytes([mark]) + number.to_bytes(size, "little", signed=True)
    if len(value) < 1 << 6:
        return bytes([len(value)]) + value
    if len(value) < 1 << 14:
        return struct.pack(">H", 0x4000 | len(value)) + value
    return b"\x80" + struct.pack(">I", len(value)) + value


ENCODINGS: Mapping[str, Callable[[Scored], bytes]] = {
    "skiplist": skiplist,
    "old skiplist": old_skiplist,
    "listpack": listpack,
    "ziplist": ziplist,
}


def dump(value: bytes, version: int = VERSION) -> bytes:
    """What DUMP gives: the value, the version, the checksum."""
    body = value + struct.pack("<H", version)
    return body + struct.pack("<Q", crc64(body))


def chunk(key: bytes, dumped: bytes) -> bytes:
    """A redis backup is one of these after the other."""
    return struct.pack(">I", len(key)) + key + struct.pack(">I", len(dumped)) + dumped
