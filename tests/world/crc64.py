"""CRC-64/Jones as Redis computes it over the output of DUMP (reflected polynomial, initial value 0, no final xor)."""

from __future__ import annotations

_POLYNOMIAL = 0x95AC9329AC4BC9B5  # 0xad93d23594c935a9, bits reversed


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = [_entry(index) for index in range(256)]


def crc64(data: bytes) -> int:
    """
    >>> hex(crc64(b"123456789"))
    '0xe9c6d914c4b8d9ca'
    """
    value = 0
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value
