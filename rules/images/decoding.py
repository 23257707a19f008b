"""The last word on a JPEG or WebP: whether Pillow can make a picture of it, within limits."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image

from rules.images.signatures import Kind
from rules.images.sizes import Size

BYTES = 16 << 20
PIXELS = 1 << 24  # 64 MB once decoded, and two are decoded at a time: no larger export is made

_FORMATS = {Kind.JPEG: "JPEG", Kind.WEBP: "WEBP"}  # a PNG's checksums have said it all
_SEATS = threading.BoundedSemaphore(2)

# A camera's odd Exif block is no concern of whoever reads a nightly log.
warnings.filterwarnings("ignore", module=r"PIL\.")


def decodable(kind: Kind, size: Size | None, length: int) -> bool:
    """Whether a picture of this kind, size in pixels and length in bytes is decoded at all."""
    return kind in _FORMATS and length <= BYTES and size is not None and 0 < size[0] * size[1] <= PIXELS


def damage(kind: Kind, data: bytes) -> str | None:
    """What the decoder says, as the end of "the WebP …"; None where it is content.

    JPEG is decoded at an eighth of its size where its coding allows: all of it is read, and fewer pixels are made.
    """
    with _SEATS:
        try:
            with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
                if picture.width * picture.height > PIXELS:
                    return f"announces {picture.width} x {picture.height} pixels only behind its first header"
                picture.draft(None, (1, 1))
                picture.load()
        except MemoryError:
            raise
        except Exception:  # a decoder's exceptions are of many kinds, and their texts may hold the file's bytes
            return "cannot be decoded, though its structure is whole"
    return None
