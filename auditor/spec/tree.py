"""The folders that the templates make, with the families in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

DEEPEST = 24  # levels; what would lie deeper is shown side by side, so that no document can nest without end


@dataclass(frozen=True)
class Leaf:
    """A family with the text of its template, and what it holds (bytes in `size`)."""

    family: str
    template: str
    objects: int = 0
    size: int = 0


@dataclass(frozen=True)
class Node:
    """A folder with everything below it, or a family.

    `name` is the path from the folder above, with the fields as `{name}`; a folder's ends in a slash. `family` is None
    for a folder, whose `objects` and `size` (bytes) are the sums of its children.
    """

    name: str
    family: str | None
    objects: int
    size: int
    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Line:
    """A node and where it hangs: for each level above it, and for itself, whether it is the last child there."""

    node: Node
    last: tuple[bool, ...]


Rest = tuple[Leaf, tuple[str, ...]]  # a family, and what of its template is not in a folder yet


def folder_tree(leaves: Iterable[Leaf]) -> tuple[Node, ...]:
    """The topmost nodes, in the order in which they come first. A folder in which only one thing lies is no node.

    >>> (top,) = folder_tree([Leaf("x", "a/b/x/{id}", 1, 5), Leaf("y", "a/b/y/{n}.png", 2, 6)])
    >>> top.name, top.objects, top.size, [node.name for node in top.children]
    ('a/b/', 3, 11, ['x/{id}', 'y/{n}.png'])
    """
    return tuple(_nodes([(leaf, tuple(steps(leaf.template))) for leaf in leaves], DEEPEST))


def heaviest_first(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The same tree with the children of each node sorted by bytes, then by objects."""
    ordered = sorted(nodes, key=lambda node: (-node.size, -node.objects, node.name))
    return tuple(
        Node(node.name, node.family, node.objects, node.size, heaviest_first(node.children)) for node in ordered
    )


def lines(nodes: Sequence[Node], last: tuple[bool, ...] = ()) -> Iterator[Line]:
    """Each node before its children."""
    for place, node in enumerate(nodes, 1):
        here = (*last, place == len(nodes))
        yield Line(node, here)
        yield from lines(node.children, here)


def steps(template: str) -> Iterator[str]:
    """Folders, each with its slash, and what lies in the last of them; a slash in a field's name is no folder.

    >>> list(steps("s3/{a/b}/x-{n}.png"))
    ['s3/', '{a/b}/', 'x-{n}.png']
    """
    step = ""
    for piece in re.findall(r"\{[^{}]*\}|/|[^{}/]+|[{}]", template):
        step += piece
        if piece == "/":
            yield step
            step = ""
    if step:
        yield step


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """Fields and what stands between them, and which of the two each is.

    >>> list(runs("x/{id}.png"))
    [(False, 'x/'), (True, '{id}'), (False, '.png')]
    """
    for field, literal in re.findall(r"(\{[^{}]*\})|([^{}]+|[{}])", text):
        yield bool(field), field or literal


def _nodes(rests: Sequence[Rest], levels: int) -> Iterator[Node]:
    folders: dict[str, list[Rest]] = {}
    for place, (leaf, rest) in enumerate(rests):
        alone = len(rest) < 2 or levels == 0
        folders.setdefault(f"{place}" if alone else rest[0], []).append((leaf, rest))
    for inside in folders.values():
        if len(inside) == 1:
            leaf, rest = inside[0]
            yield Node("".join(rest), leaf.family, leaf.objects, leaf.size)
        else:
            yield _folder(inside, levels)


def _folder(rests: Sequence[Rest], levels: int) -> Node:
    paths = [rest[:-1] for _, rest in rests]
    shared = [step for step, *_ in takewhile(lambda together: len(set(together)) == 1, zip(*paths, strict=False))]
    children = tuple(_nodes([(leaf, rest[len(shared) :]) for leaf, rest in rests], levels - 1))
    objects, size = sum(child.objects for child in children), sum(child.size for child in children)
    return Node("".join(shared), None, objects, size, children)
