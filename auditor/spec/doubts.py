"""Fields of one template that a reader of keys cannot be certain of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.spec.automata import Meeting, meet, two_readings
from auditor.spec.family import Family
from auditor.spec.pieces import check, compiled, pieces
from auditor.spec.quoting import quoted
from auditor.spec.template import MOST_BYTES, Field


@dataclass(frozen=True)
class Doubt:
    """`message` says what is not certain of the field, `witness` is a key that shows it."""

    field: Field
    message: str
    witness: str


def doubts(family: Family) -> Iterator[Doubt]:
    """Fields that can be empty, and fields whose border with the field directly before them is not certain.

    In the order of the template. Fields with a literal between them are separate, whatever their kinds.
    """
    before = None
    for number, part in enumerate(family.template.parts):
        if isinstance(part, Field):
            yield from _empty(family, part, number)
            if isinstance(before, Field):
                yield from _border(family, before, part, number)
        before = part


def _empty(family: Family, field: Field, number: int) -> Iterator[Doubt]:
    if not family.kinds[field.name].accepts(""):
        return
    parts = pieces(family)
    without = compiled((*parts[:number], (False, ""), *parts[number + 1 :]))
    if meeting := meet(without, without, MOST_BYTES):
        yield Doubt(field, f"the field {quoted(field.name)} may be empty", check(meeting.text, family))


def _border(family: Family, left: Field, right: Field, number: int) -> Iterator[Doubt]:
    automaton = compiled(pieces(family))
    meeting = two_readings(automaton, number - 1, MOST_BYTES)
    if meeting is None:
        return
    readings = [_values(meeting, automaton.piece, which, number) for which in (1, 0)]
    texts = ["".join(values) for values in readings]
    read = texts[0] if texts[0] == texts[1] else meeting.text
    ways = " or as ".join(" + ".join(quoted(value) if value else "nothing" for value in values) for values in readings)
    names = f"{quoted(left.name)} ends and {quoted(right.name)} begins"
    message = f"where {names} is not certain: {quoted(read)} can be read as {ways}"
    yield Doubt(right, message, check(meeting.text, family))


def _values(meeting: Meeting, piece: tuple[int, ...], which: int, number: int) -> tuple[str, str]:
    """The values of the fields on both sides of the border in one of the readings."""
    at = [piece[pair[which]] for pair in meeting.pairs]
    left, right = (
        "".join(character for character, place in zip(meeting.text, at, strict=True) if place == wanted)
        for wanted in (number - 1, number)
    )
    return left, right
