"""Faults on request, each with a few instances; what they are is noted where they are planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from tests.world import drift, embedding_faults, misspelt, picture_faults, strays
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.ledger import Ledger


@dataclass(frozen=True)
class Faults:
    """Which kinds of fault the world has."""

    unknown_prefixes: bool = False  # KEY001
    malformed_keys: bool = False  # KEY002
    invalid_fields: bool = False  # KEY003, with and without rows
    directory_markers: bool = False  # KEY005; a world for a folder has none
    hostile_keys: bool = False  # KEY001, KEY002 and KEY003 on keys that would like to be more than text
    orphans: bool = False  # REF001
    dangling_rows: bool = False  # REF002
    size_mismatches: bool = False  # REF003
    misspelt_keys: bool = False  # REF006; some of them only in a world that is not for a folder
    embeddings: bool = False  # EMB001 to EMB009
    images: bool = False  # IMG001 to IMG004
    media: bool = False  # MED001 and MED002

    @classmethod
    def all(cls) -> Faults:
        return cls(**{field.name: True for field in fields(cls)})


def plant(ledger: Ledger, known: Catalogue, wanted: Faults) -> None:
    """Each kind has a section of chance of its own, so that leaving one out moves nothing else."""
    kinds: dict[str, Callable[[Files], None]] = {
        "unknown_prefixes": lambda files: drift.unknown_prefixes(files, known),
        "malformed_keys": drift.malformed,
        "invalid_fields": strays.invalid_fields,
        "hostile_keys": strays.hostile_keys,
        "orphans": lambda files: strays.orphans(files, known),
        "dangling_rows": lambda files: strays.dangling(files, known),
        "size_mismatches": lambda files: strays.mismatches(files, known),
        "misspelt_keys": misspelt.pairs,
        "embeddings": lambda files: embedding_faults.plant(files, known.journeys),
        "images": lambda files: picture_faults.images(files, known.pictures.row),
        "media": picture_faults.media,
    }
    for name, make in kinds.items():
        if getattr(wanted, name):
            make(Files(ledger, name))
