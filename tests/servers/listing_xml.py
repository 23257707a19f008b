"""The XML of a ListObjectsV2 page, in the ways that servers are known to write it."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tests.servers.stub_s3 import Stored

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@dataclass(frozen=True)
class Style:
    """How a page is written. The defaults are Amazon's; half of its entries have checksum elements."""

    order: tuple[str, ...] = ("Key", "LastModified", "ETag", "Checksums", "Size", "StorageClass")
    quote: str = "&quot;"
    url_encoding: bool = True
    declaration: str = _DECLARATION
    namespace: str = _NAMESPACE
    between: str = ""  # stands between any two elements of the root
    extra: str = ""  # stands at the end of every second entry
    head: str = ""  # stands before the entries
    key_count: int = 0  # is added to KeyCount
    reverse: bool = False
    head_last: bool = False


def page(objects: Mapping[str, Stored], bucket: str, query: Mapping[str, str], size: int, style: Style) -> bytes:
    """The page that a query asks for. The continuation token is the last key, in hexadecimal."""
    keys = sorted((key for key in objects if key.startswith(query.get("prefix", ""))), key=str.encode)
    token = bytes.fromhex(query["continuation-token"]) if "continuation-token" in query else None
    after = token if token is not None else query.get("start-after", "").encode()
    first = bisect.bisect_right(keys, after, key=str.encode)
    count = min(size, int(query.get("max-keys", 1000)))
    chosen = keys[first : first + count]
    more = first + count < len(keys)
    return _document(objects, bucket, query, chosen[::-1] if style.reverse else chosen, more, style).encode()


def _document(
    objects: Mapping[str, Stored],
    bucket: str,
    query: Mapping[str, str],
    keys: Sequence[str],
    more: bool,
    style: Style,
) -> str:
    head = [
        f"<Name>{bucket}</Name>",
        f"<Prefix>{_text(query.get('prefix', ''), style)}</Prefix>",
        f"<KeyCount>{len(keys) + style.key_count}</KeyCount><MaxKeys>1000</MaxKeys>",
        "<EncodingType>url</EncodingType>" if style.url_encoding else "",
        f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>",
        f"<NextContinuationToken>{keys[-1].encode().hex()}</NextContinuationToken>" if more else "",
        style.head,
    ]
    entries = [_entry(key, objects[key], number, style) for number, key in enumerate(keys)]
    inside = style.between.join([*entries, *head] if style.head_last else [*head, *entries])
    return f"{style.declaration}<ListBucketResult{style.namespace}>{style.between}{inside}</ListBucketResult>"


def _entry(key: str, stored: Stored, number: int, style: Style) -> str:
    checksums = "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
    fields = {
        "Key": f"<Key>{_text(key, style)}</Key>",
        "LastModified": f"<LastModified>{stored.last_modified:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>",
        "ETag": f"<ETag>{stored.etag.replace(chr(34), style.quote)}</ETag>",
        "Checksums": checksums if number % 2 else "",
        "Size": f"<Size>{len(stored.body)}</Size>",
        "StorageClass": f"<StorageClass>{stored.storage_class}</StorageClass>",
    }
    inside = "".join(fields[name] for name in style.order)
    return f"<Contents>{inside}{style.extra if number % 2 else ''}</Contents>"


def _text(text: str, style: Style) -> str:
    return quote_plus(text, safe="/*-._") if style.url_encoding else escape(text)
