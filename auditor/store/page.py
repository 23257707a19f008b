"""One page of ListObjectsV2, cut into columns without building a tree.

The body of an ordinary page is a flat row of `<Contents>` entries between a short head and a short tail, so one
regular expression, made to measure from the first entry, cuts all of it at once. What it leaves over proves whether
the page was ordinary: nothing between two entries, known elements alone in head and tail, and in every column only
characters that mean themselves. Any other page gives None and is left to botocore's own parser.

Format: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, OBJECTS

_FIELDS = (b"Key", b"LastModified", b"ETag", b"Size", b"StorageClass")
_CHECKSUMS = (
    rb"(?:<ChecksumAlgorithm>[A-Z0-9_]+</ChecksumAlgorithm>(?:<ChecksumAlgorithm>[A-Z0-9_]+</ChecksumAlgorithm>)*"
    rb"(?:<ChecksumType>[A-Z_]+</ChecksumType>)?)?"
)
_REST = re.compile(
    rb'<\?xml version="1\.0" encoding="(?:UTF|utf)-8"\?>\s*'
    rb'<ListBucketResult xmlns="http://s3\.amazonaws\.com/doc/2006-03-01/">'
    rb"(?:<(Name|Prefix|StartAfter|MaxKeys|KeyCount|IsTruncated|EncodingType|ContinuationToken|NextContinuationToken)"
    rb"(?:/>|>[^<>]*</\1>))*"
    rb"</ListBucketResult>\s*"
)
_FIRST_ENTRY = re.compile(rb"<Contents>(.*?)</Contents>", re.DOTALL)
_TAG = re.compile(rb"<([A-Za-z]+)>")
_QUOTE = re.compile(rb'<ETag>("|&quot;|&#34;)')
_BEFORE_CHECKSUM = re.compile(rb"</([A-Za-z]+)>\Z")

# Printable ASCII without markup: with encoding-type=url the server writes everything else in a key with percent signs.
_PLAIN = bytes(set(range(0x20, 0x7F)) - set(b"<>&"))
_DIGITS = b"0123456789"


def cut(body: bytes) -> tuple[pa.Table, bytes] | None:
    """The entries of an ordinary page (`auditor.frames.OBJECTS`) and the page without them; None for any other page.

    >>> table, rest = cut(
    ...     b'<?xml version="1.0" encoding="UTF-8"?>'
    ...     b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
    ...     b'<Contents><Key>a+%2B</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>'
    ...     b'<ETag>&quot;e&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>'
    ...     b'</ListBucketResult>')
    >>> table["key"].to_pylist(), table["etag"].to_pylist(), b"Contents" in rest
    (['a +'], ['"e"'], False)
    """
    shape = _shape(body)
    if shape is None:
        return None
    order, *markup = shape
    pieces = _entry(order, *markup).split(body)
    step = len(order) + 1
    rest = pieces[0] + pieces[-1]
    if any(pieces[step:-1:step]) or b"<EncodingType>url</EncodingType>" not in rest or not _REST.fullmatch(rest):
        return None
    columns = {name: pieces[index::step] for index, name in enumerate(order, start=1)}
    if not _means_itself(columns):
        return None
    try:
        return _table(columns), rest
    except pa.ArrowInvalid:  # a date that is none, bytes that are not UTF-8: botocore decides what becomes of it
        return None


def from_dictionaries(contents: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The same table from `Contents` as botocore parses it."""
    rows = [
        (item["Key"], item["Size"], item["LastModified"], item.get("ETag"), item.get("StorageClass"))
        for item in contents
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(OBJECTS)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, OBJECTS, strict=True)], schema=OBJECTS
    )


def _shape(body: bytes) -> tuple[tuple[bytes, ...], bytes | None, bytes] | None:
    """Order of the fields, the field that checksums follow, and how the ETag's quotes are written.

    Servers differ in all three; within a page the first entries speak for all, and the others are held to them.
    """
    first = _FIRST_ENTRY.search(body)
    quote = first and _QUOTE.search(first[1])
    if not first or not quote:
        return None
    order = tuple(name for name in _TAG.findall(first[1]) if not name.startswith(b"Checksum"))
    checksum = body.find(b"<Checksum")
    before = _BEFORE_CHECKSUM.search(body[max(0, checksum - 20) : checksum]) if checksum >= 0 else None
    return (order, before and before[1], quote[1]) if sorted(order) == sorted(_FIELDS) else None


@lru_cache(maxsize=16)
def _entry(order: tuple[bytes, ...], checksums_after: bytes | None, quote: bytes) -> re.Pattern[bytes]:
    def field(name: bytes) -> bytes:
        # "Anything but one character" is the loop that `re` runs fastest; `_means_itself` looks at what it let in.
        text = b"%b([^%b]*)%b" % (quote, quote[:1], quote) if name == b"ETag" else b"([^<]+)"
        return b"<%b>%b</%b>" % (name, text, name) + (_CHECKSUMS if name == checksums_after else b"")

    return re.compile(b"<Contents>" + b"".join(map(field, order)) + b"</Contents>")


def _means_itself(columns: Mapping[bytes, Sequence[bytes]]) -> bool:
    """Whether every text is what an XML parser would make of it, and of the form that its field should have."""
    text = {name: b"".join(column) for name, column in columns.items()}
    count = len(columns[b"Key"])
    return (
        not any(text[name].translate(None, _PLAIN) for name in (b"Key", b"ETag", b"StorageClass"))
        and b'"' not in text[b"ETag"]
        and text[b"Size"].isdigit()
        and text[b"LastModified"].translate(None, _DIGITS) in (b"--T::.Z" * count, b"--T::Z" * count)
    )


def _table(columns: Mapping[bytes, Sequence[bytes]]) -> pa.Table:
    def text(name: bytes) -> pa.Array:
        return pa.array(columns[name], pa.string())

    moments = text(b"LastModified").cast(INSTANT)
    if pc.min(moments).value < 0:
        raise pa.ArrowInvalid("a date before 1970, which not every reader of dates can hold")
    arrays = [
        pa.array(_decoded(columns[b"Key"]), pa.string()),
        text(b"Size").cast(pa.int64()),
        moments,
        pc.binary_join_element_wise('"', text(b"ETag"), '"', ""),
        text(b"StorageClass"),
    ]
    return pa.Table.from_arrays(arrays, schema=OBJECTS)


def _decoded(keys: Sequence[bytes]) -> Sequence[bytes]:
    """Keys as botocore decodes them (`unquote_plus`), all at once; raises ArrowInvalid for what is not UTF-8.

    >>> _decoded([b"a+b", b"%C3%A9%2B", b"%zz"])
    [b'a b', b'\\xc3\\xa9+', b'%zz']
    """
    joined = b"\xff".join(keys)  # a byte that no UTF-8 holds
    if b"%" not in joined and b"+" not in joined:
        return keys
    decoded = unquote_to_bytes(joined.replace(b"+", b" ")).split(b"\xff")
    if len(decoded) != len(keys):
        raise pa.ArrowInvalid("a key holds the byte 0xFF")
    return decoded
