"""The families of a run in the HTML page: their folders with what they hold, and the diagrams of their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.pictures.families import PicturedFamily, recorded_families, tree_of
from auditor.pictures.page import svg
from auditor.spec.tree import Line, Node, heaviest_first, lines
from auditor.text import share
from reports.charts import Segment, bar, strip
from reports.classes import class_counts
from reports.verdict import Summary

MOST_PICTURES = 60
MOST_CHARACTERS = 400_000  # of pictures; a template with long choices in many fields can have 100,000 of them


@dataclass(frozen=True)
class FamilyLine:
    """A folder, with sums alone; or a family, with bars and classes. Bars compare families with the largest one."""

    path: str
    last: tuple[bool, ...]  # see auditor.spec.tree.Line
    family: str | None
    objects: int
    objects_share: str
    objects_bar: float
    bytes: int
    bytes_share: str
    bytes_bar: float
    classes: Sequence[tuple[str, int]]
    strip: Sequence[Segment]


@dataclass(frozen=True)
class Pictures:
    """The families that have a diagram in the page, and how many have none there. `anchors` are by family."""

    shown: Sequence[tuple[PicturedFamily, Markup | None]]
    left_out: int

    @property
    def anchors(self) -> dict[str, str]:
        return {family.name: f"family-{place}" for place, (family, _) in enumerate(self.shown, 1)}


def family_lines(summary: Summary) -> list[FamilyLine]:
    """The folder tree, the heaviest first; what has no family comes last, with no path."""
    tree = heaviest_first(tree_of(recorded_families(summary)))
    rows = [_line(summary, line, _classes(summary, line.node.family)) for line in lines(tree)]
    rest = summary["no_family"]
    if rest["objects"]:
        node = Node("", None, rest["objects"], rest["bytes"])
        rows.append(_line(summary, Line(node, (True,)), class_counts(rest["classes"])))
    return rows


def pictures(summary: Summary, most: int = MOST_PICTURES, most_characters: int = MOST_CHARACTERS) -> Pictures:
    """The diagrams of the heaviest families, so that the page stays small whatever the document says."""
    families = sorted(recorded_families(summary), key=lambda family: (-family.size, -family.objects))
    shown: list[tuple[PicturedFamily, Markup | None]] = []
    for family in families[:most]:
        drawn = svg(family)
        most_characters -= len(drawn or "")
        if most_characters < 0:
            break
        shown.append((family, drawn))
    return Pictures(shown, len(families) - len(shown))


def _classes(summary: Summary, family: str | None) -> list[tuple[str, int]]:
    return [] if family is None else class_counts(summary["families"][family]["classes"])


def _line(summary: Summary, line: Line, classes: list[tuple[str, int]]) -> FamilyLine:
    node, listing = line.node, summary["listing"]
    held = [*summary["families"].values(), summary["no_family"]]
    return FamilyLine(
        node.name,
        line.last,
        node.family,
        node.objects,
        share(node.objects, listing["objects"]),
        bar(node.objects, max(entry["objects"] for entry in held)) if classes else 0.0,
        node.size,
        share(node.size, listing["bytes"]),
        bar(node.size, max(entry["bytes"] for entry in held)) if classes else 0.0,
        classes,
        strip(classes),
    )
