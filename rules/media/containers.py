"""What the first bytes of an original announce: any container of sound or film that people upload."""

from __future__ import annotations

ISO = "MP4 or QuickTime"

_PREFIXES = (
    (b"ID3", "MP3"),
    (b"fLaC", "FLAC"),
    (b"OggS", "Ogg"),
    (b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (b"caff", "Core Audio"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF (WMA, WMV)"),
    (b"\0\0\1\xba", "MPEG-PS"),
    (b"FLV\1", "FLV"),
    (b"#!AMR", "AMR"),
    (b".snd", "AU"),
    (b"RF64", "WAV"),
)
_RIFF = {b"WAVE": "WAV", b"AVI ": "AVI"}
_FORM = {b"AIFF": "AIFF", b"AIFC": "AIFF"}
_ISO_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def container_of(head: bytes) -> str | None:
    """Its name for messages; None for what is no container of sound or film.

    >>> container_of(b"RIFF\\0\\0\\0\\0WAVEfmt "), container_of(b"<html>")
    ('WAV', None)
    """
    if head[4:8] in _ISO_FIRST:
        return ISO
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    chunked = {b"RIFF": _RIFF, b"FORM": _FORM}.get(head[:4])
    if chunked:
        return chunked.get(head[8:12])
    if head[:1] == b"\x47" and head[188:189] in (b"\x47", b""):
        return "MPEG-TS"
    return "MPEG audio" if _is_frame(head) else None


def _is_frame(head: bytes) -> bool:
    """Eleven bits set, and none of the values that the standards reserve: MP3, or AAC in ADTS."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    adts = head[1] & 0xF6 == 0xF0
    version, layer, rate, frequency = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return adts or (version != 1 and layer != 0 and rate != 15 and frequency != 3)
