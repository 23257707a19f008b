"""The classes of objects and of rows, in the order in which people look at them, and what each means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OBJECT_CLASSES: Mapping[str, str] = {
    "ok": "is where it should be, with its row if it needs one",
    "orphan": "no row records it",
    "unknown": "fits no key template, or more than one",
    "gone": "was listed, and was gone when it was looked at again",
    "unjudged": "could not be judged: rows missing or not read to their end",
    "unmanaged": "nothing says whether it needs a row",
    "pending": "is on the list of files about to be deleted",
    "too-new": "has no row yet and is too young to be accused",
    "ignored": "is ignored by the bindings, or is a directory marker",
}

ROW_CLASSES: Mapping[str, str] = {
    "matched": "its object is there",
    "dangling": "its object is gone",
    "gone": "went away while the audit looked",
    "unjudged": "could not be judged: the listing was not read to its end, or a second look failed",
    "too-new": "was created after the cutoff",
    "outside": "its key is not under the audited prefix",
    "no-family": "its key is none of the document's",
}


def in_order(names: Iterable[str], order: Mapping[str, str]) -> list[str]:
    """Known names in the order of the table, then the others by name."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


def class_counts(classes: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int]]:
    """Objects by class, in order, without the classes that are empty."""
    return [(name, classes[name]["objects"]) for name in in_order(classes, OBJECT_CLASSES) if classes[name]["objects"]]


def families_by_weight(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Families that hold objects, the heaviest in bytes first; what has no family comes last, under no name."""
    held = [(name, family) for name, family in summary["families"].items() if family["objects"]]
    held.sort(key=lambda item: (-item[1]["bytes"], -item[1]["objects"], item[0]))
    if summary["no_family"]["objects"]:
        held.append(("", summary["no_family"]))
    return held


def empty_families(summary: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, family in summary["families"].items() if not family["objects"])
