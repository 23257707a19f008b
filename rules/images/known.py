"""What key and rows say about an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.protocols import ContentFacts, Query
from auditor.text import printable
from rules.images.signatures import Kind

EXPORT, ORIGINAL = "image-export", "image-original"

QUERIES: Mapping[str, Query] = {
    "pixels": Query(
        "SELECT s3_files.key AS object_key, image_file_exports.width AS width, image_file_exports.height AS height"
        " FROM s3_files JOIN image_file_exports ON image_file_exports.s3_file_id = s3_files.id"
        " WHERE s3_files.key IN (:keys)"
        " UNION ALL "
        "SELECT s3_files.key AS object_key, image_files.original_width AS width, image_files.original_height AS height"
        " FROM image_files JOIN s3_files ON s3_files.id = image_files.original_s3_file_id"
        " WHERE s3_files.key IN (:keys)"
    ),
}

_EXTENSIONS = {
    "png": Kind.PNG,
    "jpeg": Kind.JPEG,
    "jpg": Kind.JPEG,
    "webp": Kind.WEBP,
    "svg": Kind.SVG,
    "gif": Kind.GIF,
}
_TYPES = {f"image/{name}": kind for name, kind in _EXTENSIONS.items()} | {"image/svg+xml": Kind.SVG}

Size = tuple[int, int]


@dataclass(frozen=True)
class Expected:
    """A kind of file, and who says so, as the end of a sentence."""

    kind: Kind
    source: str


def expected(facts: ContentFacts) -> list[Expected]:
    """What the file has to be; nothing for an original, whose key and row name no format."""
    if facts.content != EXPORT:
        return []
    _, dot, extension = facts.key.rpartition("/")[2].rpartition(".")
    by_key = _EXTENSIONS.get(extension.lower()) if dot else None
    by_row = _TYPES.get((facts.row_content_type or "").lower())
    said = [Expected(by_key, f"as .{extension} in its key says")] if by_key else []
    if by_row and by_row is not by_key:
        said.append(Expected(by_row, f"as its row's content type says ({printable(facts.row_content_type or '')})"))
    return said


def pixels(facts: ContentFacts) -> list[Size]:
    """Sizes that rows state, (0, 0) for generator settings; SQLite does not insist on integers."""
    sizes = ((row["width"], row["height"]) for row in facts.answers.get("pixels") or ())
    return [(width, height) for width, height in sizes if isinstance(width, int) and isinstance(height, int)]
