"""What is said about one key."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.spec.model import Fit
from auditor.spec.quoting import quoted


@dataclass(frozen=True)
class FieldValue:
    """A field of a key that has a template's form. `column` is the 1-based place of the value in the key."""

    name: str
    value: str
    kind: str
    valid: bool
    expected: str
    column: int


@dataclass(frozen=True)
class Explanation:
    """What is known of one key.

    `family` is its family's name and `fields` the family's fields, when it has one. `candidates` are the families
    that tie for an ambiguous key. Where a key departs: `column` is the 1-based character that cannot be (one more
    than the length where the key ends too soon), `expected` says in words what could, `nearest` is the family that
    agrees the furthest (of equals the first of the document), and for a key of fit UNKNOWN `unknown_from` is the
    beginning of the key up to and with the first folder (or last name) that no template has there; None when the key
    ends before it departs. For a key of fit MALFORMED `read` has the values of the nearest's fields up to there.
    """

    key: str
    fit: Fit
    family: str | None = None
    fields: tuple[FieldValue, ...] = ()
    candidates: tuple[str, ...] = ()
    nearest: str | None = None
    column: int | None = None
    expected: str | None = None
    unknown_from: str | None = None
    read: tuple[str, ...] = ()

    @property
    def invalid(self) -> tuple[FieldValue, ...]:
        return tuple(field for field in self.fields if not field.valid)

    @property
    def sentence(self) -> str:
        """What is said to people, beginning with a verb; nothing in it moves a cursor."""
        match self.fit:
            case Fit.FITS:
                return f"fits {quoted(self.family or '')}"
            case Fit.INVALID_FIELD:
                return f"has the form of {quoted(self.family or '')}, but {self._wrong_fields}"
            case Fit.AMBIGUOUS:
                return "fits more than one template: " + ", ".join(quoted(name) for name in self.candidates)
            case Fit.MALFORMED:
                return f"departs from {quoted(self.nearest or '')} at column {self.column}: expected {self.expected}"
            case Fit.IGNORED:
                return "is ignored by a glob of the bindings"
            case Fit.UNKNOWN:
                return self._unknown
        raise AssertionError(self.fit)

    @property
    def _wrong_fields(self) -> str:
        return "; ".join(
            f"{quoted(field.name)} is {quoted(field.value)}: expected {field.expected}" for field in self.invalid
        )

    @property
    def _unknown(self) -> str:
        nearest = f"the nearest, {quoted(self.nearest or '')}, has {self.expected} at column {self.column}"
        if self.unknown_from is None:
            return f"stops before it is a key of any template; {nearest}"
        return f"is in no template from {quoted(self.unknown_from)} on; {nearest}"
