"""One page of ListObjectsV2, cut into columns without building a tree.

The entries of an ordinary page are texts with markup between them. Numpy finds where each text begins and ends; the
markup is then a column of its own, in which a handful of strings repeat a thousand times. Each of these is read once,
and says which field the text before it ends and which the text after it is. So every byte of a page is either a text
whose field is known or markup that was understood; where anything else turns up, the page is not ordinary: the
answer is None, and it is left to botocore's own parser.

Format: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, OBJECTS

_FIELDS = (b"Key", b"LastModified", b"ETag", b"Size", b"StorageClass")
_SKIPPED = (b"ChecksumAlgorithm", b"ChecksumType")
# By the second letter, which tells the fields apart; the two checksums have the same, and differ in their ninth.
_TAG_LENGTHS = np.zeros(256, np.int64)
_TAG_LENGTHS[[name[1] for name in _FIELDS]] = [len(name) + 2 for name in _FIELDS]
_CHECKSUM_TAG_LENGTHS = tuple(len(name) + 2 for name in _SKIPPED)
_CODES = {name: code for code, name in enumerate(_FIELDS + _SKIPPED)}
_NONE = -1

_MARKUP = re.compile(rb"(?:</(?P<ended>\w+)>)?(?:(?P<end></Contents>)?(?P<start><Contents>)?)(?:<(?P<begun>\w+)>)?")
_REST = re.compile(
    rb'<\?xml version="1\.0" encoding="(?:UTF|utf)-8"\?>\s*'
    rb'<ListBucketResult xmlns="http://s3\.amazonaws\.com/doc/2006-03-01/">'
    rb"(?:<(Name|Prefix|StartAfter|MaxKeys|KeyCount|IsTruncated|EncodingType|ContinuationToken|NextContinuationToken)"
    rb"(?:/>|>[^<>]*</\1>))*"
    rb"</ListBucketResult>\s*"
)

_DIGITS = b"0123456789"


class _UnusualError(Exception):
    """The page is not one of those that can be cut."""


def without_entries(body: bytes) -> tuple[int, bytes] | None:
    """How many entries a page has, and the page without them; None unless all around them is ordinary."""
    first, last = _entries(body)
    rest = body[:first] + body[last:]
    if first < 0 or b"<EncodingType>url</EncodingType>" not in rest or not _REST.fullmatch(rest):
        return None
    entries = body.count(b"<Contents>", first, last)
    return (entries, rest) if entries == body.count(b"</Contents>", first, last) else None


def cut(body: bytes) -> pa.Table | None:
    """The entries (`auditor.frames.OBJECTS`) of a page for which `without_entries` has an answer.

    None when one of them is not ordinary.

    >>> table = cut(
    ...     b'<?xml version="1.0" encoding="UTF-8"?>'
    ...     b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>'
    ...     b'<Contents><Key>a+%2B</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>'
    ...     b'<ETag>&quot;e&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>'
    ...     b'</ListBucketResult>')
    >>> table["key"].to_pylist(), table["etag"].to_pylist()
    (['a +'], ['"e"'])
    """
    try:
        return _table(_columns(body, *_entries(body)))
    except (_UnusualError, pa.ArrowInvalid):  # ArrowInvalid: a date that is none, a key that is not UTF-8
        return None


def _entries(body: bytes) -> tuple[int, int]:
    """Where the entries begin and end."""
    return body.find(b"<Contents>"), body.rfind(b"</Contents>") + len(b"</Contents>")


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


def _columns(body: bytes, first: int, last: int) -> dict[bytes, pa.BinaryArray]:
    """The raw texts of each field, one for each entry."""
    spans = _spans(body, first, last)
    field, entry = _fields(spans)
    count, kept = entry[-1] + 1, len(_FIELDS) * (entry[-1] + 1)
    # Stable: all texts of the first field in the order of their entries, then those of the second, and so on.
    order = np.argsort(field, kind="stable")
    _require(kept <= len(order) and bool((field[order[:kept]] == np.repeat(np.arange(len(_FIELDS)), count)).all()))
    _require(bool((entry[order[:kept]].reshape(-1, count) == np.arange(count)).all()))
    texts = spans.take(pa.array(2 * order + 1))
    skipped = texts[kept:].dictionary_encode().dictionary
    _require(bool((field[order[kept:]] >= len(_FIELDS)).all()) and _is_plain(b"".join(skipped.to_pylist())))
    return {name: texts[code * count : (code + 1) * count] for code, name in enumerate(_FIELDS)}


def _spans(body: bytes, first: int, last: int) -> pa.BinaryArray:
    """Markup, text, markup, text, …, markup: all of body[first:last], in turn, where it lies.

    Where a tag ends is taken from the first letters of its name; `_fields` reads the markup and finds it out if not.
    """
    marks = np.frombuffer(body, np.uint8, last - first, first)
    tags = np.flatnonzero(marks == ord("<"))
    closing = marks[tags + 1] == ord("/")
    leaves = np.flatnonzero(closing[1:] > closing[:-1])  # an opening tag, and the next one closes
    begins, ends = tags[leaves], tags[leaves + 1]
    lengths = _TAG_LENGTHS[marks[begins + 2]]
    unknown = np.flatnonzero(lengths == 0)
    lengths[unknown] = np.where(marks[begins[unknown] + 9] == ord("A"), *_CHECKSUM_TAG_LENGTHS)
    starts = begins + lengths
    _require(len(leaves) > 0 and bool((starts < ends).all()))
    offsets = np.empty(2 * len(leaves) + 2, np.int32)
    offsets[0], offsets[1:-1:2], offsets[2:-1:2], offsets[-1] = 0, starts, ends, len(marks)
    offsets += first
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(body)])


def _fields(spans: pa.BinaryArray) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """For each text: the code of its field, and the number of its entry. Every piece of markup has been understood."""
    markup = spans.take(pa.array(np.arange(0, len(spans), 2))).dictionary_encode()
    read = np.array([_read(piece) for piece in markup.dictionary.to_pylist()], np.int8)
    ended, begun, starts = (column[markup.indices.to_numpy()] for column in read.T)
    # The first piece ends no text and the last begins none; in between, such pieces would not match up.
    _require(bool((begun[:-1] == ended[1:]).all() and (begun[:-1] != _NONE).all() and starts[0]))
    return begun[:-1], np.cumsum(starts[:-1], dtype=np.int64) - 1


def _read(markup: bytes) -> tuple[int, int, int]:
    """Code of the field that ends, code of the field that begins, and whether an entry begins."""
    found = _MARKUP.fullmatch(markup)
    if found is None:
        raise _UnusualError
    ended, begun = (_CODES.get(found[name]) if found[name] else _NONE for name in ("ended", "begun"))
    # An entry ends with its last text and begins with its first; what ends and what begins must say so.
    whole = bool(found["end"]) == bool(found["start"]) or _NONE in (ended, begun)
    if ended is None or begun is None or not whole:
        raise _UnusualError
    return ended, begun, int(bool(found["start"]))


def _table(columns: Mapping[bytes, pa.BinaryArray]) -> pa.Table:
    moments, sizes, classes = (columns[name] for name in (b"LastModified", b"Size", b"StorageClass"))
    form = _joined(moments).translate(None, _DIGITS)
    _require(form in (b"--T::.Z" * len(moments), b"--T::Z" * len(moments)))
    _require(_joined(sizes).isdigit() and _is_plain(_joined(classes)))
    times = moments.cast(pa.string()).cast(INSTANT)
    _require(pc.min(times).value >= 0)  # not every reader of dates can hold those before 1970
    arrays = [
        _keys(columns[b"Key"]),
        sizes.cast(pa.string()).cast(pa.int64()),
        times,
        _etags(columns[b"ETag"]),
        classes.cast(pa.string()),
    ]
    return pa.Table.from_arrays(arrays, schema=OBJECTS)


def _keys(raw: pa.BinaryArray) -> pa.StringArray:
    """Keys as botocore decodes them (`unquote_plus`), all at once; raises ArrowInvalid for what is not UTF-8."""
    joined = _joined(raw)
    _require(_is_plain(joined))
    if b"%" not in joined and b"+" not in joined:
        return raw.cast(pa.string())
    separated = b"\xff".join(raw.to_pylist())  # a byte that no UTF-8 holds
    decoded = unquote_to_bytes(separated.replace(b"+", b" ")).split(b"\xff")
    _require(len(decoded) == len(raw))
    return pa.array(decoded, pa.string())


def _etags(raw: pa.BinaryArray) -> pa.StringArray:
    """ETags in their quotes, which servers write in one of three ways."""
    text = raw.cast(pa.string())
    for quote in ("&quot;", "&#34;"):
        if raw[0].as_py().startswith(quote.encode()):
            text = pc.replace_substring(text, quote, '"')
    _require(_is_plain(_joined(text)))
    return text


def _joined(array: pa.Array) -> bytes:
    """All texts of an array without nulls, one behind the other."""
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32)[[array.offset, array.offset + len(array)]]
    return bytes(memoryview(data)[ends[0] : ends[1]])


def _is_plain(text: bytes) -> bool:
    """Printable ASCII without markup: with encoding-type=url the server writes all else in a key with percent signs."""
    codes = np.frombuffer(text, np.uint8)
    printable = not len(codes) or (codes.min() >= ord(" ") and codes.max() <= ord("~"))
    return bool(printable) and not any(mark in text for mark in (b"<", b">", b"&"))


def _require(usual: bool) -> None:
    if not usual:
        raise _UnusualError
