"""Keys -> patterns: segment by segment, a folder's keys are parted by what stands at the next place.

Values that were recognised part the keys by their kind. Words part them by themselves while they are few, as folders
do; of many different words with the same continuation only the form is kept. What one key alone does not tell (is
`abcdef` a word or six random characters?) is decided by its neighbours at the same place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.spec.drift.pattern import Pattern, Slot, joined, path, regex, slots
from auditor.spec.drift.reading import read_segment, split_extensions
from auditor.spec.drift.words import generalised

FEW = 8  # different words at one place that are still told apart


@dataclass(frozen=True)
class Draft:
    """A pattern and the keys that it was made from."""

    pattern: Pattern
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """A key in segments: their text, what was recognised in each, and what of that is certain."""

    key: str
    segments: tuple[str, ...]
    shapes: tuple[Pattern, ...]
    certain: tuple[str, ...]


_Parts = dict[Pattern, list[_Row]]


def drafts(keys: Iterable[str]) -> Iterator[Draft]:
    """Every key is in exactly one draft, and fits its pattern."""
    by_depth: dict[int, list[_Row]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        segments = tuple(key.split("/"))
        shapes = tuple(map(read_segment, segments))
        by_depth[len(segments)].append(_Row(key, segments, shapes, tuple(map(_certain, shapes, segments))))
    for depth in sorted(by_depth):
        yield from _grown(by_depth[depth], ())


def _certain(shape: Pattern, segment: str) -> str:
    """What a single key tells: words, tokens and numbers look alike here."""
    kinds = [slot.kind for slot in slots(shape) if not slot.kind.startswith(("token", "int"))]
    return "".join(kinds) + split_extensions(segment)[1]


def _grown(rows: Sequence[_Row], before: tuple[Pattern, ...]) -> Iterator[Draft]:
    at = len(before)
    if at == len(rows[0].segments):
        yield Draft(path(before), tuple(row.key for row in rows))
        return
    for shape, part in _parted(rows, at, anchored=any(map(_is_word, before))).items():
        yield from _grown(part, (*before, shape))


def _is_word(shape: Pattern) -> bool:
    return bool(shape) and not slots(shape)


def _parted(rows: Sequence[_Row], at: int, *, anchored: bool) -> _Parts:
    """By the form of the segment at that place. Below a folder with a name (`anchored`) many words become one form."""
    by_rest: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        by_rest[split_extensions(row.segments[at])[1], *row.certain[at + 1 :]].append(row)
    parts: _Parts = defaultdict(list)
    for like in by_rest.values():
        for shape, part in _settled(like, at, anchored).items():
            parts[shape] += part
    return parts


def _settled(rows: Sequence[_Row], at: int, anchored: bool) -> _Parts:
    """Rows that go on alike."""
    parts: _Parts = defaultdict(list)
    for row in rows:
        parts[row.shapes[at]].append(row)
    parts = _agreed(parts, at)
    return _merged(parts, at) if anchored else parts


def _agreed(parts: _Parts, at: int) -> _Parts:
    """Values that could be tokens are, unless those that surely are none are many, and more than the others."""
    for shape in sorted(filter(_has_token, parts), key=lambda shape: (-_variety(parts[shape], at), str(shape))):
        if shape not in parts:
            continue
        fits = regex(shape).fullmatch
        others = {other: part for other, part in parts.items() if other != shape and _weaker(other, shape)}
        taken = {other: [row for row in part if fits(row.segments[at])] for other, part in others.items()}
        doubtful = {row.segments[at] for part in taken.values() for row in part}
        if len(doubtful) > max(FEW, _variety(parts[shape], at)):
            for row in parts.pop(shape):  # they only looked random
                parts[(row.segments[at],)].append(row)
            continue
        for other, part in taken.items():
            parts[shape] += part
            parts[other] = [row for row in parts[other] if not fits(row.segments[at])]
            if not parts[other]:
                del parts[other]
    return parts


def _has_token(shape: Pattern) -> bool:
    return any(slot.kind.startswith("token") for slot in slots(shape))


def _weaker(other: Pattern, shape: Pattern) -> bool:
    """Whether what one was taken for may give way: words, numbers and other compositions with tokens."""
    return all(slot.kind == "int" or slot.kind.startswith("token") for slot in slots(other)) or len(slots(other)) < len(
        slots(shape)
    )


def _variety(rows: Iterable[_Row], at: int) -> int:
    return len({row.segments[at] for row in rows})


def _merged(parts: _Parts, at: int) -> _Parts:
    """Shapes that differ in their words alone, made one where they are many."""
    by_form: dict[tuple[str, ...], list[Pattern]] = defaultdict(list)
    for shape in parts:
        by_form[_form(shape)].append(shape)
    merged: _Parts = defaultdict(list)
    for shapes in by_form.values():
        general = _general(shapes) if len(shapes) > FEW else None
        for shape in shapes:
            merged[general or shape] += parts[shape]
    return merged


def _form(shape: Pattern) -> tuple[str, ...]:
    """The shape without its words. Words that end alike in an extension are compared by what stands before it."""
    return tuple(atom.kind if isinstance(atom, Slot) else "" for atom in shape)


def _general(shapes: Sequence[Pattern]) -> Pattern | None:
    atoms: list[str | Slot] = []
    for column in zip(*shapes, strict=True):
        if isinstance(column[0], Slot):
            atoms.append(column[0])
            continue
        words = list(dict.fromkeys(atom for atom in column if isinstance(atom, str)))
        piece = _general_words(words)
        if piece is None:
            return None
        if atoms and isinstance(atoms[-1], Slot) and isinstance(piece[0], Slot):
            if atoms[-1].kind != "timestamp":
                return None  # nobody could say where the one ends and the other begins
            atoms[-1] = Slot("timestamp(hint)")
            piece = piece[1:]
        atoms += piece
    return joined(atoms)


def _general_words(words: Sequence[str]) -> Pattern | None:
    if len(words) == 1:
        return (words[0],)
    extension = split_extensions(words[0])[1]
    if extension and all(split_extensions(word)[1] == extension for word in words):
        stems = generalised([word[: -len(extension)] for word in words])
        return joined([*stems, extension]) if stems else None
    return generalised(words)
