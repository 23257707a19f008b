"""Which columns refer to which tables, as one database's own schema and the bindings say it together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from auditor.rows import RowSource
from auditor.rows.base import ForeignKey
from auditor.rows.sql import quoted
from auditor.spec.references import ALL_COLUMNS, References

_NAMES = ("uid", "id")  # columns by which people call a row, the first that there is


@dataclass(frozen=True)
class Mention:
    """A column whose texts name rows of `target` by their `target_column`."""

    table: str
    column: str
    target: str
    target_column: str


class Graph:
    """Tables by the names that the schema has. Raises RowsFailed."""

    def __init__(self, rows: RowSource, files: str, said: References | None) -> None:
        self._rows = rows
        said = said or References()
        keys = rows.foreign_keys()
        spelt = (*(key.table for key in keys), *(key.target for key in keys), *said.tables)
        self._spelt = {name.casefold(): name for name in reversed(spelt)}
        self.files = self._name(said.files or files)
        self._keys = [self._spelled(key) for key in (*keys, *_declared(said)) if key.target_column]
        self._parents = {self._name(table): column for table, column in said.dependants.items()}
        self._mortals = {self._name(table) for table in (*said.owners, *said.dependants, *said.superseded)}
        self._mentions = self._read_mentions(said)
        self.columns_of = cache(self._columns_of)
        self.label = cache(self._label)

    def goes_on(self, table: str) -> bool:
        """Whether rows of a table do not live by themselves, so that what keeps them alive is of interest, too."""
        return table in self._mortals

    def to(self, table: str) -> list[ForeignKey]:
        """References to a table, but for those of rows that live with it."""
        return [key for key in self._keys if key.target == table and not self._is_parent(key)]

    def living_with(self, table: str) -> list[ForeignKey]:
        """Columns of tables whose rows live with a row of this one."""
        return [key for key in self._keys if key.target == table and self._is_parent(key)]

    def parent(self, table: str) -> ForeignKey | None:
        """The column that points at the row with which rows of a table live."""
        return next((key for key in self._keys if key.table == table and self._is_parent(key)), None)

    def own_files(self, table: str) -> list[ForeignKey]:
        """Columns of a table that refer to files."""
        return [key for key in self._keys if key.table == table and key.target == self.files]

    def mentions(self, table: str) -> list[Mention]:
        """Columns of texts that may name rows of a table."""
        return [one for one in self._mentions if one.target == table]

    def _label(self, table: str) -> str | None:
        """The column by which a row of the table is called; None where it has none such."""
        return next((name for name in _NAMES if self._has(table, [name])), None)

    def _columns_of(self, table: str) -> tuple[str, ...]:
        """What has to be read of a row so that every reference from and to it can be followed."""
        keys = [key.column for key in self._keys if key.table == table]
        ways: list[ForeignKey | Mention] = [*self._keys, *self._mentions]
        pointed = [way.target_column for way in ways if way.target == table]
        names = dict.fromkeys([*filter(None, [self.label(table)]), *keys, *pointed])
        return tuple(names) if self._has(table, [*names]) else tuple(name for name in names if self._has(table, [name]))

    def _has(self, table: str, columns: Sequence[str]) -> bool:
        wanted = ", ".join(f"t.{quoted(column)}" for column in columns) or "1"
        return self._rows.select(f"SELECT {wanted} FROM {quoted(table)} AS t LIMIT 0") is not None  # noqa: S608 -- quoted

    def _is_parent(self, key: ForeignKey) -> bool:
        return self._parents.get(key.table) == key.column

    def _name(self, name: str) -> str:
        return self._spelt.get(name.casefold(), name)

    def _spelled(self, key: ForeignKey) -> ForeignKey:
        return replace(key, table=self._name(key.table), target=self._name(key.target))

    def _read_mentions(self, said: References) -> list[Mention]:
        found = []
        for (table, column), names in said.texts.items():
            for name in self._text_columns(table, column):
                found += [Mention(table, name, self._name(target), named) for target, named in names.values()]
        return list(dict.fromkeys(found))

    def _text_columns(self, table: str, column: str) -> list[str]:
        """The columns that there are; without a row there is no text either."""
        if column != ALL_COLUMNS:
            return [column] if self._has(table, [column]) else []
        first = self._rows.select(f"SELECT t.* FROM {quoted(table)} AS t LIMIT 1")  # noqa: S608 -- quoted
        return [*first[0]] if first else []


def _declared(said: References) -> Iterator[ForeignKey]:
    for (table, column), (target, target_column) in said.columns.items():
        yield ForeignKey(table, column, target, target_column)
