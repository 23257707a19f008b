"""What the pictures are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.spec import Specification, describe
from auditor.spec.tree import Leaf, Node, folder_tree


@dataclass(frozen=True)
class PicturedFamily:
    """`fields` are the kinds by name, as bindings write them; `line` is the document's; `size` is in bytes."""

    name: str
    template: str
    line: int
    fields: Mapping[str, str]
    objects: int = 0
    size: int = 0


def described_families(spec: Specification) -> list[PicturedFamily]:
    """In the order of the document, holding nothing."""
    return [
        PicturedFamily(family["name"], family["template"], family["line"], family["fields"])
        for family in describe(spec)["families"]
    ]


def recorded_families(summary: Mapping[str, Any]) -> list[PicturedFamily]:
    """Those of a run, in the order of its document, with what they held."""
    families = [
        PicturedFamily(name, held["template"], held["line"], held["fields"], held["objects"], held["bytes"])
        for name, held in summary["families"].items()
    ]
    return sorted(families, key=lambda family: (family.line, family.name))


def tree_of(families: Sequence[PicturedFamily]) -> tuple[Node, ...]:
    return folder_tree(Leaf(family.name, family.template, family.objects, family.size) for family in families)
