"""The folder tree for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from auditor.spec.tree import Line, Node, lines
from auditor.text import human_bytes, printable, share

WIDEST = 90  # columns of the tree, where the numbers begin; a longer path pushes them to the right
_HEAD = ("objects", "bytes", "share")


@dataclass(frozen=True)
class TreeLine:
    text: str
    empty: bool  # a family without objects, where objects were counted


def text_tree(nodes: Sequence[Node]) -> Iterator[TreeLine]:
    """The tree with the names of the families beside it."""
    yield from _laid_out([(_path(line), (), line.node) for line in lines(nodes)])


def counted_tree(nodes: Sequence[Node], rest: tuple[int, int]) -> Iterator[TreeLine]:
    """The same with objects, bytes and the share of all bytes; `rest` are objects and bytes outside of every family."""
    other = Node("(no family)", None, *rest)
    whole = sum(node.size for node in (*nodes, other))
    rows = [(_path(line), _cells(line.node, whole), line.node) for line in lines(nodes)]
    yield from _laid_out([("", _HEAD, None), *rows, (other.name, _cells(other, whole), other)])


def _laid_out(rows: Sequence[tuple[str, tuple[str, ...], Node | None]]) -> Iterator[TreeLine]:
    first = min(WIDEST, max((cell_len(path) for path, _, _ in rows), default=0))
    widths = [max(map(len, column)) for column in zip(*(cells for _, cells, _ in rows), strict=True)]
    for path, cells, node in rows:
        numbers = "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        family = node.family if node else "family"
        name = f"  {printable(family)}" if family else ""
        yield TreeLine(
            f"{path}{' ' * (first - cell_len(path))}{numbers}{name}".rstrip(),
            empty=bool(node and node.family and cells and not node.objects),
        )


def _path(line: Line) -> str:
    above = "".join("    " if last else "│   " for last in line.last[1:-1])
    branch = ("└── " if line.last[-1] else "├── ") if len(line.last) > 1 else ""
    return f"{above}{branch}{printable(line.node.name)}"


def _cells(node: Node, whole: int) -> tuple[str, ...]:
    if not node.objects:
        return ("–",) * len(_HEAD)
    return f"{node.objects:,}", human_bytes(node.size), share(node.size, whole)
