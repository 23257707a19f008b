"""A plan read back, and refused where a single byte of it is not as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from auditor.cleanup.document import SCHEMA_VERSION
from auditor.cleanup.hashed import sha256_of
from auditor.cleanup.model import Item, hash_of, read_item
from auditor.cleanup.writing import OBJECTS, PLAN
from auditor.errors import CannotStart
from auditor.text import printable

CHUNK = 1000  # objects that are looked at together


@dataclass(frozen=True)
class PlanFolder:
    folder: Path
    document: dict[str, Any]

    @property
    def hash(self) -> str:
        return str(self.document["hash"])

    def rules(self) -> frozenset[str]:
        return frozenset(self.document["totals"]["rules"])

    def items(self) -> Iterator[Item]:
        """In the order of their keys. Raises CannotStart."""
        if OBJECTS not in self.document["files"]:
            return
        path = self.folder / OBJECTS
        try:
            with path.open(encoding="ascii", newline="\n") as lines:
                yield from map(read_item, lines)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CannotStart(f"{path} cannot be read ({type(error).__name__}): make the plan again") from error

    def chunks(self) -> Iterator[list[Item]]:
        rest = self.items()
        while chunk := list(islice(rest, CHUNK)):
            yield chunk


def open_plan(folder: Path) -> PlanFolder:
    """Raises CannotStart when the folder is no plan, or is not as the tool left it."""
    path = folder / PLAN
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CannotStart(f"{folder} is not the folder of a plan: it has no {PLAN}") from error
    except (OSError, ValueError) as error:
        raise CannotStart(f"{path} cannot be read ({type(error).__name__}): make the plan again") from error
    if not isinstance(document, dict) or document.get("schema_version") != SCHEMA_VERSION:
        raise CannotStart(f"{path} is of a version that this auditor does not know: use a newer auditor")
    _check(folder, document)
    return PlanFolder(folder, document)


def _check(folder: Path, document: dict[str, Any]) -> None:
    if hash_of(document) != document.get("hash"):
        raise CannotStart(
            f"{folder / PLAN} was changed after it was written (its hash is another): make the plan again"
        )
    for name, expected in document["files"].items():
        try:
            found = sha256_of(folder / name)
        except OSError as error:
            raise CannotStart(f"{printable(name)} of the plan cannot be read: make the plan again") from error
        if found != expected:
            raise CannotStart(f"{printable(name)} of the plan was changed after it was written: make the plan again")
