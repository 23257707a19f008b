"""IMG004: files that begin well. As in restic's checker, whatever has a checksum must not lose a bit."""

from __future__ import annotations

import io
import random
import resource
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.protocols import Depth
from rules.images import decoding, jpeg, png, webp
from rules.reading import Source
from tests.examples import examples
from tests.rules.pictures import export, original, picture

PNG = picture("PNG", 40, 30)
INTERLACED_SIZES = [(1, 1), (7, 5), (8, 8), (33, 17)]
SOUND = {
    "png": PNG,
    "jpeg": picture("JPEG", progressive=True, quality=85),
    "webp": picture("WEBP", quality=90),
}
LOSSLESS = picture("WEBP", lossless=True)


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(0, len(PNG) * 8 - 1))
def test_a_png_that_lost_one_bit_is_told(bit: int) -> None:
    body = bytearray(PNG)
    body[bit // 8] ^= 1 << bit % 8
    assert export("png").codes(bytes(body)) in (["IMG001"], ["IMG004"])


@pytest.mark.parametrize("form", SOUND)
def test_a_file_that_was_cut_off_anywhere_is_told(form: str) -> None:
    body = SOUND[form]
    assert export(form).codes(body) == []
    cuts = {1, 2, 3, 8, 12, 16, 20, 24, 33, len(body) - 1, len(body) - 2, len(body) - 12}
    cuts |= set(random.Random(5).sample(range(1, len(body)), 40))
    for cut in cuts:
        assert export(form).codes(body[:cut]) in (["IMG001"], ["IMG004"]), cut


@pytest.mark.parametrize("form", SOUND)
def test_what_stands_behind_the_end_harms_nobody(form: str) -> None:
    assert export(form).codes(SOUND[form] + b"\0trailing") == []


def test_headers_see_a_webp_that_is_shorter_than_it_says_and_no_other_cut() -> None:
    large = {form: picture(form.upper(), 300, 200) for form in SOUND}
    cut = {form: export(form, Depth.HEADERS).codes(body[:-100]) for form, body in large.items()}
    assert cut == {"png": [], "jpeg": [], "webp": ["IMG004"]}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlace))


def made(*chunks: bytes) -> bytes:
    return PNG[:8] + b"".join(chunks)


END = chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (made(header(4, 4), chunk(b"IDAT", zlib.compress(bytes(51))), END), "51 bytes of pixels; expected 52"),
        (made(header(4, 4), chunk(b"IDAT", b"nonsense"), END), "cannot be inflated"),
        (made(header(4, 4), END), "0 bytes of pixels"),
        (made(chunk(b"IDAT", b""), END), "expected IHDR of 13 bytes first"),
        (made(header(4, 4), header(4, 4), END), "as chunk 2"),
        (made(header(4, 4), chunk(b"ID\0T", b""), END), "has no chunk at byte 33"),
        (made(header(4, 4)), "without its IEND chunk"),
        (made(header(4, 4), struct.pack(">I4s", 2**31, b"IDAT") + bytes(20)), "is cut off in the IDAT chunk"),
    ],
)
def test_each_fault_of_a_png_is_named(body: bytes, words: str) -> None:
    assert [words in message for message in original().messages(body)] == [True]


@pytest.mark.parametrize("size", INTERLACED_SIZES)
def test_the_lines_of_an_interlaced_png_are_counted_pass_by_pass(size: tuple[int, int]) -> None:
    width, height = size
    count = 0
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns, lines = len(range(x, width, dx)), len(range(y, height, dy))
        count += lines * (1 + 3 * columns) if columns else 0
    right = made(header(width, height, 1), chunk(b"IDAT", zlib.compress(bytes(count))), END)
    short = made(header(width, height, 1), chunk(b"IDAT", zlib.compress(bytes(count - 1))), END)
    assert (original().codes(right), original().codes(short)) == ([], ["IMG004"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (SOUND["jpeg"][:2] + SOUND["jpeg"][-2:], "no picture between its first marker"),
        (SOUND["jpeg"][:-2], "without its end-of-image marker"),
        (b"\xff\xd8\xff\xe0\0\0" + SOUND["jpeg"][2:], "no sound segment at byte 2"),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(9), "is cut off in the segment FFE0 at byte 2"),
        (SOUND["jpeg"][:20] + b"\0\0" + SOUND["jpeg"][22:], "has no marker at byte 20"),
        (SOUND["webp"][:12] + b"VP8 \xff\xff\0\0" + SOUND["webp"][20:], "no sound chunk at byte 12"),
        (b"RIFF\x0c\0\0\0WEBPJUNK\0\0\0\0", "has no picture among its chunks"),
        (LOSSLESS[:30] + b"\xff" * (len(LOSSLESS) - 30), "cannot be decoded"),
    ],
)
def test_each_fault_of_jpeg_and_webp_is_named(body: bytes, words: str) -> None:
    assert [words in message for message in original().messages(body)] == [True]


def test_markers_across_pieces_are_found() -> None:
    """The picture's data are read in pieces of 64 KiB; a marker may lie on the border."""
    body = SOUND["jpeg"]
    start = body.index(b"\xff\xda")
    scan = body[: start + 2 + int.from_bytes(body[start + 2 : start + 4], "big")]
    for length in range((1 << 16) - 3, (1 << 16) + 3):
        whole = scan + b"\x01" * length + b"\xff\xd9"
        assert jpeg.damage(Source(io.BytesIO(whole), "key", len(whole))) is None


def peak_of(body: bytes) -> tuple[list[str], int, int]:
    """Codes, bytes of Python's memory at the most, and KiB by which the process grew."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        found = original().codes(body)
        return found, tracemalloc.get_traced_memory()[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    finally:
        tracemalloc.stop()


def test_a_bomb_of_pixels_is_not_inflated() -> None:
    """Twenty million pixels of nothing in 260 KB are inflated piece by piece; of 2^62 pixels nothing is inflated."""
    zeros = zlib.compressobj(1)
    data = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(57)) + zeros.flush()
    bomb = made(header(5_000, 4_000), chunk(b"IDAT", data), END)
    found, peak, _ = peak_of(bomb)
    assert (found, peak < 8 << 20) == (["IMG004"], True)  # 60 MB were announced, and 57 MiB are there
    found, peak, _ = peak_of(made(header(2**31 - 1, 2**31 - 1), chunk(b"IDAT", data), END))
    assert (found, peak < 8 << 20) == ([], True)


def test_a_header_of_absurd_size_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "damage", lambda kind, data: pytest.fail("decoded"))
    body = bytearray(SOUND["jpeg"])
    frame = body.index(b"\xff\xc2")
    body[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    found, peak, _ = peak_of(bytes(body))
    assert (found, peak < 1 << 20) == ([], True)


def test_a_second_header_does_not_smuggle_a_size_past_the_limit() -> None:
    """The first frame header says 64 x 48; the decoder may believe another one, and must not make its pixels."""
    body = SOUND["jpeg"]
    frame = body.index(b"\xff\xc2")
    length = 2 + int.from_bytes(body[frame + 2 : frame + 4], "big")
    second = bytearray(body[frame : frame + length])
    second[5:9] = struct.pack(">HH", 60_000, 60_000)
    found, _, grown = peak_of(body[: frame + length] + bytes(second) + body[frame + length :])
    assert (found, grown < 100 << 10) == (["IMG004"], True)


def test_chunks_and_segments_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((png, "CHUNKS"), (webp, "CHUNKS"), (jpeg, "SEGMENTS")):
        monkeypatch.setattr(module, name, 50)
    riff = b"WEBP" + b"JUNK\0\0\0\0" * 51
    assert original().messages(made(header(1, 1), chunk(b"teXt", b"") * 50)) == ["The PNG has more than 50 chunks."]
    assert original().messages(b"RIFF" + struct.pack("<I", len(riff)) + riff) == ["The WebP has more than 50 chunks."]
    assert original().messages(b"\xff\xd8" + b"\xff\xfe\0\2" * 51) == ["The JPEG has more than 50 segments."]
