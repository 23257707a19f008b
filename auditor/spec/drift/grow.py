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

_Rest = tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A pattern and the keys that it was made from."""

    pattern: Pattern
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    key: str
    segments: tuple[str, ...]
    shapes: tuple[Pattern, ...]


_Parts = dict[Pattern, list[_Row]]


def drafts(keys: Iterable[str]) -> Iterator[Draft]:
    """Every key is in exactly one draft, and fits its pattern."""
    by_depth: dict[int, list[_Row]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        segments = tuple(key.split("/"))
        by_depth[len(segments)].append(_Row(key, segments, tuple(map(read_segment, segments))))
    for depth in sorted(by_depth):
        yield from _grown(by_depth[depth], ())


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
    by_rest: dict[_Rest, list[_Row]] = defaultdict(list)
    for row in rows:
        by_rest[_rest(row, at)].append(row)
    parts: _Parts = defaultdict(list)
    for like in by_rest.values():
        for shape, part in _settled(like, at, anchored).items():
            parts[shape] += part
    return parts


def _rest(row: _Row, at: int) -> _Rest:
    """How the key goes on, as far as a single key tells: words, tokens and numbers look alike here."""
    extension = split_extensions(row.segments[at])[1]
    return (extension, *(_coarse(shape, segment) for shape, segment in _following(row, at)))


def _following(row: _Row, at: int) -> Iterator[tuple[Pattern, str]]:
    return zip(row.shapes[at + 1 :], row.segments[at + 1 :], strict=True)


def _coarse(shape: Pattern, segment: str) -> str:
    kinds = [slot.kind for slot in slots(shape) if not slot.kind.startswith(("token", "int"))]
    return "".join(kinds) + split_extensions(segment)[1]


def _settled(rows: Sequence[_Row], at: int, anchored: bool) -> _Parts:
    """Rows that go on alike."""
    parts: _Parts = defaultdict(list)
    for row in rows:
        parts[row.shapes[at]].append(row)
    parts = _agreed(parts, at)
    return _merged(parts, at) if anchored else parts


def _agreed(parts: _Parts, at: int) -> _Parts:
    """Values that could be tokens are, where at least half of those that could be are surely."""
    for shape in sorted(filter(_has_token, parts), key=lambda shape: (-_variety(parts[shape], at), str(shape))):
        if shape not in parts:
            continue
        fits = regex(shape).fullmatch
        others = {other: part for other, part in parts.items() if other != shape and _weaker(other, shape)}
        taken = {other: [row for row in part if fits(row.segments[at])] for other, part in others.items()}
        doubtful = {row.segments[at] for part in taken.values() for row in part}
        if len(doubtful) > _variety(parts[shape], at):
            for row in parts.pop(shape):  # they only looked random
                parts[(row.segments[at],)].append(row)
            continue
        for other, part in taken.items():
            parts[shape] += part
            left = set(parts[other]) - set(part)
            parts[other] = [row for row in parts[other] if row in left]
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
