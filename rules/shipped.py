"""The document that is shipped, with its bindings: what a run uses when the user names no other.

A team ships its own through the entry-point group `auditor.specs`: a callable without arguments that returns a
`ShippedSpecification`.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

from auditor.spec import Source


class ShippedSpecification(NamedTuple):
    """Ready for `compile_specification(shipped.document, shipped.bindings)`."""

    document: Source
    bindings: Source


def file_service() -> ShippedSpecification:
    """The file service's key specification and bindings."""
    return ShippedSpecification(_packaged("file_service.md"), _packaged("file_service.toml"))


def _packaged(name: str) -> Source:
    return Source(f"rules/{name}", files("rules").joinpath(name).read_bytes())
