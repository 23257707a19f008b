"""IMG001 and IMG002: what the first bytes say, beside what key and rows say."""

from __future__ import annotations

import json

import pytest

from auditor.errors import ObjectUnreadable
from auditor.protocols import Depth
from rules.images.rule import HEAD
from tests.rules.pictures import HEIGHT, WIDTH, export, original, picture

SIZE = (WIDTH, HEIGHT)
SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
SETTINGS = json.dumps({"name": "ShareImage", "title": "x"}).encode()
BODIES = {
    "png": picture("PNG"),
    "jpeg": picture("JPEG", progressive=True, optimize=True, quality=85),
    "webp": picture("WEBP", quality=95, method=4),
    "svg": SVG,
    "gif": picture("GIF"),
}
VARIANTS = {
    "palette": ("png", picture("PNG", mode="P")),
    "alpha": ("png", picture("PNG", mode="RGBA", optimize=True)),
    "grey": ("png", picture("PNG", mode="L")),
    "one bit": ("png", picture("PNG", mode="1")),
    "grey and alpha": ("png", picture("PNG", mode="LA")),
    "baseline": ("jpeg", picture("JPEG", quality=90)),
    "restarts": ("jpeg", picture("JPEG", quality=90, restart_marker_blocks=1)),
    "cmyk": ("jpeg", picture("JPEG", mode="CMYK")),
    "grey jpeg": ("jpg", picture("JPEG", mode="L")),
    "lossless": ("webp", picture("WEBP", lossless=True, quality=100)),
    "alpha webp": ("webp", picture("WEBP", mode="RGBA")),
    "webp with exif": ("webp", picture("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")),
}


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("form", BODIES)
def test_a_file_is_what_its_key_says(form: str, depth: Depth) -> None:
    for name, body in BODIES.items():
        found = export(form, depth).codes(body)
        assert found == ([] if name == form else ["IMG001"]), name


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_a_format_is_sound(name: str, depth: Depth) -> None:
    form, body = VARIANTS[name]
    assert export(form, depth, SIZE).codes(body) == []


def test_a_message_says_what_is_there_what_was_expected_and_who_says_so() -> None:
    assert export("png").messages(BODIES["webp"]) == [
        "The file begins as WebP does; expected PNG, as .png in its key says."
    ]
    assert export("png", kind="image/webp").messages(BODIES["png"]) == [
        "The file begins as PNG does; expected WebP, as its row's content type says (image/webp)."
    ]
    assert export("bin").messages(b"%PDF-1.7") == [
        "The file begins as no image does that is known here; expected an image or a JSON text."
    ]
    assert export("webp", size=(9, 9)).messages(BODIES["webp"]) == [
        "The WebP has 64 x 48 pixels; expected 9 x 9, as its row says."
    ]


@pytest.mark.parametrize("kind", ["images/.jpg", "application/octet-stream", "IMAGE/PNG", "", None])
def test_a_content_type_that_names_no_format_is_no_evidence(kind: str | None) -> None:
    assert export("png", kind=kind).codes(BODIES["png"]) == []


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>503</body></html>", b"<!DOCTYPE html><svg/>", b"PK\3\4", b"\0" * 99]
)
@pytest.mark.parametrize("depth", Depth)
def test_what_is_no_image_is_told(body: bytes, depth: Depth) -> None:
    assert export("webp", depth).codes(body) == ["IMG001"]
    assert original(depth).codes(body) == ["IMG001"]


@pytest.mark.parametrize("form", [*BODIES, "tiff", "bmp", "ico", "avif"])
def test_an_original_may_be_any_image(form: str) -> None:
    body = BODIES.get(form) or picture(form.upper())
    for depth in Depth:
        assert original(depth, SIZE).codes(body) == []


def test_heic_is_known_by_its_brand() -> None:
    heic = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(50)
    assert original(size=SIZE).codes(heic) == []
    assert original().codes(heic.replace(b"mif1", b"isom").replace(b"heic", b"mp42")) == ["IMG001"]


def test_settings_stand_for_an_original_of_no_size() -> None:
    assert original(size=(0, 0)).codes(SETTINGS) == original().codes(SETTINGS) == []
    assert original(size=SIZE).codes(SETTINGS) == ["IMG001"]
    assert original(size=(0, 0)).codes(BODIES["png"]) == ["IMG001"]
    assert export("json").codes(SETTINGS) == ["IMG001"]
    assert original(size=(0, 0)).codes(SETTINGS[:-1]) == ["IMG004"]
    assert original(size=(0, 0)).codes(b"[" * 100_000) == ["IMG004"]


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "gif"])
def test_another_size_than_the_row_says(form: str, depth: Depth) -> None:
    for wrong in ((WIDTH + 1, HEIGHT), (WIDTH, HEIGHT - 1), (HEIGHT, WIDTH)):
        assert export(form, depth, wrong).codes(BODIES[form]) == ["IMG002"]
    assert export(form, depth, SIZE).codes(BODIES[form]) == []


def test_a_photograph_may_lie_on_its_side() -> None:
    assert original(size=(HEIGHT, WIDTH)).codes(BODIES["jpeg"]) == []
    assert original(size=(HEIGHT, WIDTH + 1)).codes(BODIES["jpeg"]) == ["IMG002"]


def test_a_row_without_numbers_says_nothing() -> None:
    bench = export("png")
    bench.answers["pixels"] = [{"width": "wide", "height": None}]
    assert bench.codes(BODIES["png"]) == []


def with_profiles(count: int) -> bytes:
    """A JPEG with `count` segments of 60,000 bytes before its frame."""
    body = BODIES["jpeg"]
    return body[:2] + (b"\xff\xe2" + (60_000).to_bytes(2, "big") + bytes(59_998)) * count + body[2:]


@pytest.mark.parametrize(("profiles", "fetches", "found"), [(1, 1, ["IMG002"]), (3, 3, ["IMG002"]), (40, 8, [])])
def test_long_segments_before_the_size_are_leapt_over(profiles: int, fetches: int, found: list[str]) -> None:
    bench = export("jpeg", Depth.HEADERS, (9, 9))
    assert bench.codes(with_profiles(profiles)) == found
    assert len(bench.fetched) == fetches
    assert sum(length for _, length in bench.fetched) <= 8 * 512


@pytest.mark.parametrize("form", ["png", "webp"])
def test_headers_are_one_request_of_a_few_kilobytes(form: str) -> None:
    bench = export(form, Depth.HEADERS, (700, 500))
    body = picture(form.upper(), 700, 500)
    assert (bench.codes(body), bench.fetched) == ([], [])
    assert bench.rule.plan(len(body), Depth.HEADERS) == [(0, HEAD)]
    assert bench.rule.plan(len(body), Depth.FULL) == [(0, len(body))]
    assert bench.rule.plan(0, Depth.FULL) == []


def test_a_body_that_breaks_off_is_unreadable_not_wrong() -> None:
    for form in ("png", "jpeg", "webp", "svg"):
        with pytest.raises(ObjectUnreadable):
            export(form).judge(BODIES[form], size=len(BODIES[form]) + 1)
    body = with_profiles(1)[:30_000]
    with pytest.raises(ObjectUnreadable):
        export("jpeg", Depth.HEADERS, SIZE).judge(body, size=len(with_profiles(1)))
