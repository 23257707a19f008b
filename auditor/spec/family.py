"""A family: the keys of one template, with everything that the bindings say about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.spec.kinds import Kind, escape, shape
from auditor.spec.location import Location
from auditor.spec.model import RowPolicy
from auditor.spec.series import Series
from auditor.spec.template import Field, Literal, Template
from auditor.spec.uses import ContentTypes, Expiry, Part


@dataclass(frozen=True)
class Family:
    """`kinds` has every field of the template; `owners` the `table.column` that holds a field's value, for some.

    `kinds_from` has the place in the bindings for each field whose kind they say, `rows_from` that of the row policy;
    what is not there was said by nobody, and is the default. `referenced_elsewhere` says that what refers to the rows
    is not in the database.
    """

    name: str
    template: Template
    kinds: Mapping[str, Kind]
    rows: RowPolicy = RowPolicy.UNMANAGED
    tables: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    content: str | None = None
    secret: bool = False
    note: str | None = None
    kinds_from: Mapping[str, Location] = field(default_factory=dict)
    rows_from: Location | None = None
    content_types: ContentTypes | None = None
    expires: Expiry | None = None
    part: Part | None = None
    referenced_elsewhere: bool = False
    expected_tables: tuple[str, ...] = ()  # of a database backup
    series: Series | None = None

    @property
    def literal(self) -> str:
        """The text before the template's first field."""
        return self.template.literal

    @property
    def pattern(self) -> str:
        """A regex for the whole key with one group for each field."""
        return "".join(f"({piece})" if is_field else piece for is_field, piece in self._pieces(shapes=False))

    def matching(self, *, shapes: bool) -> str:
        r"""RE2 for the whole key, anchored, without groups; of the template's form alone if `shapes`."""
        return r"\A" + "".join(piece for _, piece in self._pieces(shapes=shapes)) + r"\z"

    def capturing(self, *, shapes: bool) -> str:
        """The same with the groups f0, f1, … for the fields."""
        text = ""
        number = 0
        for is_field, piece in self._pieces(shapes=shapes):
            text += f"(?P<f{number}>{piece})" if is_field else piece
            number += is_field
        return rf"\A{text}\z"

    def _pieces(self, *, shapes: bool) -> list[tuple[bool, str]]:
        return [
            (False, escape(part.text)) if isinstance(part, Literal) else (True, self._kind(part, shapes).pattern)
            for part in self.template.parts
        ]

    def _kind(self, part: Field, shapes: bool) -> Kind:
        kind = self.kinds[part.name]
        return shape(kind) if shapes else kind
