"""Faults on request, each with a few instances; what they are is noted where they are planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from tests.world import (
    archive_faults,
    belongings,
    drift,
    embedding_faults,
    leaks,
    misspelt,
    pending,
    picture_faults,
    strays,
)
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
    leaks: bool = False  # REF004
    misspelt_keys: bool = False  # REF006; some of them only in a world that is not for a folder
    embeddings: bool = False  # EMB001 to EMB009, and REF004, since newer embeddings have replaced them
    owners: bool = False  # REF005
    uploads: bool = False  # REF005, REF007 and UPL002
    content_types: bool = False  # REF009
    journal_keys: bool = False  # JRN001
    pending_files: bool = False  # REF008, and REF001 of what only seems to be pending
    archives: bool = False  # BAK001, BAK002, BAK004, BAK005, ZIP001, ORG001, JOB001
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
        "size_mismatches": strays.mismatches,
        "leaks": lambda files: leaks.plant(files, known),
        "misspelt_keys": misspelt.pairs,
        "embeddings": lambda files: embedding_faults.plant(files, known.journeys),
        "owners": lambda files: belongings.owners(files, known),
        "uploads": belongings.uploads,
        "content_types": lambda files: belongings.content_types(files, known),
        "journal_keys": belongings.journal_keys,
        "pending_files": lambda files: pending.plant_faults(files, known),
        "archives": lambda files: archive_faults.plant(files, known),
        "images": lambda files: picture_faults.images(files, known.pictures.row),
        "media": picture_faults.media,
    }
    for name, make in kinds.items():
        if getattr(wanted, name):
            make(Files(ledger, name))
