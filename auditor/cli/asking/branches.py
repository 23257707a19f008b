"""The tree of a bucket to a given depth, for those who cannot walk it with keys: as lines of text or as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from auditor.runs.asking.tree import Entry, File, Level, Tree, View, Weight
from auditor.text import human_bytes, printable, share

FILES = "(files)"
ITSELF = "(the folder's own object)"
_INDENT = "  "


@dataclass(frozen=True)
class Branches:
    """`depth` is how many levels are told, `view` how each is looked at."""

    tree: Tree
    view: View
    depth: int

    def text(self, root: str, prefix: str = "") -> Iterator[str]:
        """Lines with their ends; `root` names the whole bucket."""
        level = self.tree.level(prefix, self.view)
        yield _line("SIZE", "OBJECTS", "ORPHANED", "UNKNOWN", "PREFIX")
        yield weighed(level.total, printable(root + prefix))
        yield from self._lines(level, 1)

    def _lines(self, level: Level, depth: int) -> Iterator[str]:
        indent = _INDENT * depth
        for entry in level.entries:
            yield weighed(entry.weight, indent + name_of(entry))
            if not entry.is_folder:
                yield from (_file(file, indent + _INDENT) for file in self.tree.files(level.prefix))
            elif depth < self.depth:
                yield from self._lines(self.tree.level(level.prefix + entry.name, self.view), depth + 1)
        if level.left:
            yield weighed(level.rest, f"{indent}… and {level.left:,} more")

    def data(self, prefix: str = "") -> dict[str, Any]:
        """`{prefix, objects, bytes, orphan, unknown, children, rest}`; see docs/asking.md."""
        return self._data(self.tree.level(prefix, self.view), 1)

    def _data(self, level: Level, depth: int) -> dict[str, Any]:
        children = [self._child(level.prefix, entry, depth) for entry in level.entries]
        rest = {"children": level.left, **numbers(level.rest)} if level.left else None
        return {"prefix": level.prefix, **numbers(level.total), "children": children, "rest": rest}

    def _child(self, prefix: str, entry: Entry, depth: int) -> dict[str, Any]:
        if not entry.is_folder:
            return {
                "files": True,
                **numbers(entry.weight),
                "largest": [asdict(file) for file in self.tree.files(prefix)],
            }
        if depth < self.depth:
            return self._data(self.tree.level(prefix + entry.name, self.view), depth + 1)
        return {"prefix": prefix + entry.name, **numbers(entry.weight)}


def name_of(entry: Entry) -> str:
    return printable(entry.name) if entry.is_folder else FILES


def numbers(weight: Weight) -> dict[str, Any]:
    return {
        "objects": weight.objects,
        "bytes": weight.bytes,
        "orphan": {"objects": weight.orphan_objects, "bytes": weight.orphan_bytes},
        "unknown": {"objects": weight.unknown_objects, "bytes": weight.unknown_bytes},
    }


def shares(weight: Weight) -> tuple[str, str]:
    """What is orphaned and what is unknown, of the bytes; of the objects where there are no bytes."""
    if weight.bytes:
        return share(weight.orphan_bytes, weight.bytes), share(weight.unknown_bytes, weight.bytes)
    return share(weight.orphan_objects, weight.objects), share(weight.unknown_objects, weight.objects)


def weighed(weight: Weight, text: str) -> str:
    orphaned, unknown = shares(weight)
    return _line(human_bytes(weight.bytes), f"{weight.objects:,}", orphaned, unknown, text)


def _file(file: File, indent: str) -> str:
    said = f"  {file.object_class}" if file.object_class != "ok" else ""
    return _line(human_bytes(file.size), "", "", "", f"{indent}{printable(file.name) or ITSELF}{said}")


def _line(size: str, objects: str, orphaned: str, unknown: str, text: str) -> str:
    return f"{size:>9}  {objects:>11}  {orphaned:>8}  {unknown:>8}  {text}\n"
