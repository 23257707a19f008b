"""The first bytes of a SQLite file: whether it is one, and as long as it says.

The layout is https://www.sqlite.org/fileformat2.html#the_database_header (integers are big-endian); the b-tree header
of the first page follows at 100 (#b_tree_pages).
"""

from __future__ import annotations

import struct

HEADER_BYTES = 108  # the database header and the first page's b-tree header

_MAGIC = b"SQLite format 3\x00"
_FIELDS = struct.Struct(">16sH6B12I20x2I")
_TABLE_PAGES = (0x05, 0x0D)  # interior and leaf of a table, which the schema is


def header_fault(head: bytes, size: int) -> str | None:
    """What is wrong with a file of `size` bytes that begins with `head` (HEADER_BYTES, or all there is), if anything.

    The end of a sentence that begins "it …".
    """
    if not head.startswith(_MAGIC):
        return "is not a SQLite database"
    if len(head) < HEADER_BYTES:
        return f"is not a SQLite database: it has {size} bytes; expected {HEADER_BYTES} for the header alone"
    _, stored, *bytes_and_numbers = _FIELDS.unpack_from(head)
    page = 65536 if stored == 1 else stored
    if page < 512 or page & (page - 1):
        return f"has an impossible page size ({page}) in its header; expected a power of two from 512 to 65536"
    return _length_fault(bytes_and_numbers, size, page) or _field_fault(bytes_and_numbers, head, page)


def _length_fault(numbers: list[int], size: int, page: int) -> str | None:
    changes, pages = numbers[6:8]
    valid_for = numbers[18]
    if pages and changes == valid_for:
        expected, why = pages * page, f"{pages:,} pages of {page:,} bytes"
    else:  # written by a SQLite that did not keep the number
        expected, why = max(size // page, 1) * page, f"whole pages of {page:,} bytes"
    return f"has {size:,} bytes; expected {expected:,}, since its header says {why}" if size != expected else None


def _field_fault(numbers: list[int], head: bytes, page: int) -> str | None:
    write, read, reserved, *fractions = numbers[:6]
    schema_format, encoding = numbers[11], numbers[14]
    checks = [
        (write in (1, 2) and read in (1, 2), f"the file format versions {write} and {read}", "1 or 2"),
        (page - reserved >= 480, f"{reserved} reserved bytes in each page", "at least 480 that are not"),
        (fractions == [64, 32, 32], f"the payload fractions {fractions}", "[64, 32, 32], as every such file has"),
        (schema_format <= 4, f"the schema format {schema_format}", "at most 4"),
        (encoding <= 3, f"the text encoding {encoding}", "1 (UTF-8), 2 or 3"),
        (not any(head[72:92]), "bytes in the part that is reserved", "zeros"),
        (head[100] in _TABLE_PAGES, f"a first page of the type {head[100]}", "5 or 13, as in every SQLite database"),
    ]
    for sane, there, expected in checks:
        if not sane:
            return f"has {there} in its header; expected {expected}"
    return None
