"""The rule as the engine sees it, and the order in which one image is judged."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from auditor.errors import ObjectUnreadable
from auditor.findings import Problem, RuleInfo
from auditor.protocols import ContentFacts, Depth, Query
from rules.images import decoding, jpeg, known, png, settings, sizes, svg, webp
from rules.images.infos import INFOS
from rules.images.signatures import Kind, kind_of
from rules.reading import Source

HEAD = 4096  # bytes: whatever is no longer is checked whole at any depth
SVG_AT_HEADERS = 256 << 10  # an SVG says nothing until it is whole; few are longer

Size = tuple[int, int]

_STRUCTURE = {Kind.PNG: png.damage, Kind.JPEG: jpeg.damage, Kind.WEBP: webp.damage}


class ImageRules:
    """A `ContentRule` for the formats `image-export` and `image-original`.

    Subjects: None, and for IMG003 the sort of fault.
    """

    infos: tuple[RuleInfo, ...] = INFOS
    contents = frozenset({known.EXPORT, known.ORIGINAL})
    queries: Mapping[str, Query] = known.QUERIES

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]]:
        """The first bytes, or all; nothing of an empty object, which has no byte range."""
        length = size if depth is Depth.FULL else min(size, HEAD)
        return [(0, length)] if size else []

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """At most one of IMG001 and IMG004, and IMG002 only beside neither.

        Raises ObjectUnreadable where a stream has fewer bytes than were planned.
        """
        if not streams:
            yield Problem("IMG001", "The file is empty; expected an image.")
            return
        length = self.plan(facts.size, facts.depth)[0][1]
        source = Source(streams[0], facts.key, length)
        yield from _Image(source, facts).problems()
        source.skip(source.left)  # what no check wanted has to be readable all the same


class _Image:
    def __init__(self, source: Source, facts: ContentFacts) -> None:
        self._source = source
        self._facts = facts
        self._whole = source.left == facts.size
        self._head = source.peek(HEAD)

    def problems(self) -> Iterator[Problem]:
        kind = kind_of(self._head)
        stated = known.pixels(self._facts)
        wrong = self._signature(kind, stated)
        if wrong or kind is None:
            yield Problem("IMG001", wrong or "")
        elif kind is Kind.SVG:
            yield from self._svg()
        elif kind is Kind.JSON:
            yield from self._settings()
        else:
            yield from self._raster(kind, stated)

    def _signature(self, kind: Kind | None, stated: Sequence[Size]) -> str | None:
        there = f"The file begins as {kind} does" if kind else "The file begins as no image does that is known here"
        for expected in known.expected(self._facts):
            if kind is not expected.kind:
                return f"{there}; expected {expected.kind}, {expected.source}."
        if kind is Kind.JSON and (self._facts.content == known.EXPORT or any(size != (0, 0) for size in stated)):
            return f"{there}; expected an image{_by_row(stated)}."
        if kind is not Kind.JSON and stated and all(size == (0, 0) for size in stated):
            return f"{there}; expected a JSON text with a generator's settings, as 0 x 0 pixels in its row says."
        return None if kind else f"{there}; expected {'an image' if stated else 'an image or a JSON text'}."

    def _raster(self, kind: Kind, stated: Sequence[Size]) -> Iterator[Problem]:
        size = self._size(kind)
        damage = self._damage(kind, size)
        if damage:
            yield Problem("IMG004", f"The {kind} {damage}.")
        elif size and stated and not any(self._agrees(size, one) for one in stated):
            yield Problem(
                "IMG002", f"The {kind} has {size[0]} x {size[1]} pixels; expected {_shown(stated)}, as its row says."
            )

    def _agrees(self, size: Size, stated: Size) -> bool:
        """A camera's picture may lie on its side, and who looked at it may have turned it upright."""
        return stated == size or (self._facts.content == known.ORIGINAL and stated == size[::-1])

    def _size(self, kind: Kind) -> Size | None:
        if kind is not Kind.JPEG:
            return sizes.size_of(kind, self._head)
        return jpeg.size_of(self._head, self._more, self._facts.size)

    def _more(self, start: int, length: int) -> bytes:
        data = self._facts.fetch(start, length)
        if len(data) < length:
            raise ObjectUnreadable(self._facts.key, f"it had no {length} bytes from byte {start:,} on", refused=False)
        return data

    def _damage(self, kind: Kind, size: Size | None) -> str | None:
        if not self._whole:
            return webp.cut_off(self._head, self._facts.size) if kind is Kind.WEBP else None
        check = _STRUCTURE.get(kind)
        if check is None:
            return None
        if not decoding.decodable(kind, size, self._facts.size):
            return check(self._source)
        data = self._source.take(self._facts.size)
        return check(Source(io.BytesIO(data), self._facts.key, len(data))) or decoding.damage(kind, data)

    def _svg(self) -> Iterator[Problem]:
        data = self._text(svg.BYTES, SVG_AT_HEADERS)
        for subject, there in svg.faults(data) if data is not None else ():
            code = "IMG001" if subject == "not-svg" else "IMG003"
            yield Problem(code, f"The SVG {there}.", subject=None if subject == "not-svg" else subject)

    def _settings(self) -> Iterator[Problem]:
        data = self._text(settings.BYTES, 0)
        said = settings.damage(data) if data is not None else None
        if said:
            yield Problem("IMG004", f"The JSON text {said}.")

    def _text(self, most: int, most_at_headers: int) -> bytes | None:
        """All of a text, unless it is too long."""
        if self._whole and self._facts.size <= most:
            return self._source.take(self._facts.size)
        return self._more(0, self._facts.size) if not self._whole and self._facts.size <= most_at_headers else None


def _by_row(stated: Sequence[Size]) -> str:
    return f" of {_shown(stated)} pixels, as its row says" if stated else ""


def _shown(stated: Sequence[Size]) -> str:
    return " or ".join(f"{width} x {height}" for width, height in stated[:3])
