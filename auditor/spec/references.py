"""What the bindings say of tables that refer to files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Column = tuple[str, str]  # table, column

KEY = "key"  # in place of a kind: every whole string of a JSON text
ALL_COLUMNS = "*"


@dataclass(frozen=True)
class Superseded:
    """Only the row with the greatest `newest` is in use, of those that agree in the column `per` if there is one."""

    newest: str
    per: str | None = None


@dataclass(frozen=True)
class References:
    """Which tables are what; see docs/references.md.

    `files` is the table that foreign keys call the table of files, where that is not the name in `[rows]`.
    `dependants` map a table to its column that points to the row with which its rows live. `columns` are references
    that the schema does not declare. `texts` map a column, or all columns of a table, to what is found in its texts: a
    uid by its prefix, or KEY, and the column that has such values.
    """

    files: str | None = None
    uses: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    dependants: Mapping[str, str] = field(default_factory=dict)
    superseded: Mapping[str, Superseded] = field(default_factory=dict)
    columns: Mapping[Column, Column] = field(default_factory=dict)
    texts: Mapping[Column, Mapping[str, Column]] = field(default_factory=dict)

    @property
    def in_use(self) -> tuple[str, ...]:
        """Tables whose rows are in use as long as they are there."""
        return (*self.uses, *self.libraries)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that has a place of its own."""
        return (*self.in_use, *self.owners, *self.dependants, *self.superseded)
