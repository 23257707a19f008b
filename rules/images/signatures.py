"""What kind of file the first bytes announce."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """The value is what a message calls it."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WebP"
    SVG = "SVG"
    GIF = "GIF"
    BMP = "BMP"
    TIFF = "TIFF"
    HEIF = "HEIF"  # HEIC and AVIF among them
    JPEG2000 = "JPEG 2000"
    ICO = "ICO"
    PSD = "PSD"
    JSON = "JSON"


_PREFIXES = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),  # BigTIFF
    (b"MM\0+", Kind.TIFF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind.JPEG2000),
    (b"\xff\x4f\xff\x51", Kind.JPEG2000),
    (b"\0\0\1\0", Kind.ICO),
    (b"8BPS", Kind.PSD),
)
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1", b"avif", b"avis"}
)
_MARKS = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SPACE = b" \t\r\n"
_OPENS_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?svg[\s/>]")
_OPENS_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_PROLOGUE = (b"<?xml", b"<!--", b"<!DOCTYPE", b"<!doctype")


def kind_of(head: bytes) -> Kind | None:
    """None for what is no image and no JSON. Sources: the formats' own specifications.

    >>> kind_of(b"RIFF\\x10\\0\\0\\0WEBPVP8L"), kind_of(b'<?xml version="1.0"?><svg>'), kind_of(b"%PDF-1.7")
    (<Kind.WEBP: 'WebP'>, <Kind.SVG: 'SVG'>, None)
    """
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Kind.BMP
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and _HEIF_BRANDS.intersection(_brands(head)):
        return Kind.HEIF
    return _text_kind(head)


def _brands(head: bytes) -> list[bytes]:
    """The major brand and the compatible ones of an ISO base media file."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[8:12], *(head[start : start + 4] for start in range(16, end - 3, 4))]


def _text_kind(head: bytes) -> Kind | None:
    if head[:2] in _UTF16:
        head = head.replace(b"\0", b"")[2:]
    text = head.removeprefix(_MARKS).lstrip(_SPACE)
    if text[:1] in (b"{", b"["):
        return Kind.JSON
    if not text.startswith(b"<") or _OPENS_HTML.search(text[:1024]):
        return None
    # Where a long comment or document type hides the root, the parser of the whole file will tell.
    return Kind.SVG if _OPENS_SVG.search(text) or text.startswith(_PROLOGUE) else None
