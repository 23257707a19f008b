"""Pictures as Pillow writes them with the settings of the service's exports."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from auditor.protocols import Depth
from rules.images import ImageRules
from tests.rules.judging import UID, Bench

WIDTH, HEIGHT = 64, 48


@cache
def picture(form: str, width: int = WIDTH, height: int = HEIGHT, mode: str = "RGB", **options: Any) -> bytes:
    """Noise in one half, so that the data are long, and a slope in the other."""
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)
    pixels[:, : width // 2] = np.arange(width // 2, dtype=np.uint8)[None, :, None]
    made = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(made, form, **options)
    return made.getvalue()


def export(form: str, depth: Depth = Depth.FULL, size: tuple[int, int] | None = None, kind: str | None = None) -> Bench:
    """An export whose key ends in `form`; its rows say `size` (pixels) and `kind` (content type)."""
    bench = Bench(
        ImageRules(), "image-export", f"s3_files/images/exports/oseh_ife_{UID}/AAAAAAAAAAA.{form}", depth, kind
    )
    return _with_size(bench, size)


def original(depth: Depth = Depth.FULL, size: tuple[int, int] | None = None) -> Bench:
    bench = Bench(ImageRules(), "image-original", f"s3_files/images/originals/oseh_if_{UID}/AAAAAAAAAAA", depth)
    return _with_size(bench, size)


def _with_size(bench: Bench, size: tuple[int, int] | None) -> Bench:
    if size:
        bench.answers["pixels"] = [{"width": size[0], "height": size[1]}]
    return bench
