"""What is said about one key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.spec.diagnosis import shortened
from auditor.spec.model import Fit
from auditor.spec.quoting import quoted


@dataclass(frozen=True)
class FieldValue:
    """A field of a key that has a template's form. `column` is the 1-based place of the value in the key.

    Of a value that is not of its kind, `found` says in words what it is instead, and `departure` is the 1-based place
    in the key of the first character that cannot be (one behind the value where it ends too soon); else both are None.
    """

    name: str
    value: str
    kind: str
    valid: bool
    expected: str
    column: int
    found: str | None = None
    departure: int | None = None


@dataclass(frozen=True)
class Nearby:
    """A template that a key departs from: at `column` (1-based) `expected` says in words what could stand, and `found`
    what does. The first `reach` characters agree with it."""

    family: str
    column: int
    expected: str
    found: str
    reach: int


@dataclass(frozen=True)
class Explanation:
    """What is known of one key.

    `family` is its family's name and `fields` the family's fields, when it has one. `candidates` are the families
    that tie for an ambiguous key. `glob` is the one that ignores the key. `nearby` are the templates that the key
    departs from, at most three, that which agrees the furthest first, of equals the first of the document; for a key
    with wrong fields it is the family itself. `nearest`, `column`, `expected` and `found` are those of the first, and
    None if there is none. For a key of fit UNKNOWN `unknown_from` is the beginning of the key up to and with the first
    folder (or last name) that no template has there; None when the key ends before it departs. For a key of fit
    MALFORMED `read` has the values of the nearest's fields up to where it departs.
    """

    key: str
    fit: Fit
    family: str | None = None
    fields: tuple[FieldValue, ...] = ()
    candidates: tuple[str, ...] = ()
    nearby: tuple[Nearby, ...] = ()
    unknown_from: str | None = None
    glob: str | None = None
    read: tuple[str, ...] = ()

    @property
    def invalid(self) -> tuple[FieldValue, ...]:
        return tuple(field for field in self.fields if not field.valid)

    @property
    def nearest(self) -> str | None:
        """The family that agrees the furthest."""
        return self.nearby[0].family if self.nearby else None

    @property
    def column(self) -> int | None:
        """The 1-based character that cannot be; one more than the length where the key ends too soon."""
        return self.nearby[0].column if self.nearby else None

    @property
    def expected(self) -> str | None:
        return self.nearby[0].expected if self.nearby else None

    @property
    def found(self) -> str | None:
        return self.nearby[0].found if self.nearby else None

    @property
    def departure(self) -> str:
        """Column, what was expected there and what was found, for a key that departs."""
        return f"at column {self.column}: expected {self.expected}; found {self.found}"

    @property
    def sentence(self) -> str:
        """What is said to people, beginning with a verb; nothing in it moves a cursor."""
        match self.fit:
            case Fit.FITS:
                return f"fits {quoted(self.family or '')}"
            case Fit.INVALID_FIELD:
                return f"has the form of {quoted(self.family or '')}, but {'; and '.join(self._wrong_fields())}"
            case Fit.AMBIGUOUS:
                return "fits more than one template: " + ", ".join(quoted(name) for name in self.candidates)
            case Fit.MALFORMED:
                return f"departs from {quoted(self.nearest or '')} {self.departure}"
            case Fit.IGNORED:
                return f"is ignored by the glob {quoted(self.glob or '')} of the bindings"
            case Fit.UNKNOWN:
                return self._unknown
        raise AssertionError(self.fit)

    def _wrong_fields(self) -> Iterator[str]:
        for field in self.invalid:
            value = shortened(field.value)
            found = "" if field.found == value else f"; found {field.found}"
            yield f"{quoted(field.name)} is {value}: expected {field.expected}{found}"

    @property
    def _unknown(self) -> str:
        nearest = f"the nearest, {quoted(self.nearest or '')}, has {self.expected} at column {self.column}"
        if self.unknown_from is None:
            return f"stops before it is a key of any template; {nearest}"
        return f"is in no template from {quoted(self.unknown_from)} on; {nearest}"
