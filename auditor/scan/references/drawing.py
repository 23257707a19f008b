"""From the schema's foreign keys and the bindings' `[references]` to a plan that accuses nobody by mistake.

Whatever is in doubt (a table that the bindings do not know, a place that the schema does not bear out) counts as a use:
what it touches is never accused, and a remark says so by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter

from auditor.rows.base import ForeignKey
from auditor.rows.references import Arm, Hop, Mortal, Newest, Plan
from auditor.spec.references import ALL_COLUMNS, Column, References

MOST_ARMS = 100
Texts = dict[Column, dict[str, Column]]
Has = Callable[[str, Sequence[str]], bool]  # whether the database has a table with these columns


class CannotTell(Exception):
    """Nothing can be said of any file; the sentence goes on from "not audited, because"."""


@dataclass(frozen=True)
class Drawn:
    """The plan, the texts that are there to be read, and what is not audited and why, in a sentence for each table."""

    plan: Plan
    texts: Texts
    remarks: list[str]


def draw(keys: Sequence[ForeignKey], said: References, files: str, has: Has) -> Drawn:
    """Raises CannotTell, and whatever `has` raises."""
    return _Drawing(keys, said, files, has).drawn()


class _Drawing:
    def __init__(self, keys: Sequence[ForeignKey], said: References, files: str, has: Has) -> None:
        self._said, self._has, self._files = said, cache(has), files
        self._remarks: list[str] = []
        self._lacking: list[str] = []
        self._spelt = {name.casefold(): name for name in (*said.tables, *(key.target for key in keys))}
        self._spelt |= {key.table.casefold(): key.table for key in keys} | {files.casefold(): files}
        self._keys = [self._spelled(key) for key in (*keys, *self._declared())]
        self._owners = self._named(said.owners)
        self._dependants = {self._name(table): column for table, column in said.dependants.items()}
        self._superseded = {self._name(table): what for table, what in said.superseded.items()}

    def drawn(self) -> Drawn:
        if not any(key.target == self._files for key in self._keys):
            raise CannotTell(f"no foreign key refers to table {self._files}")
        texts, doubts = self._read_texts()
        mortals = self._mortals(doubts)
        references = self._references(mortals)
        if any(not key.target_column for key in references):
            raise CannotTell("the schema does not say to which columns its foreign keys point")
        self._check_places()
        self._note_strangers(references, mortals)
        if self._lacking:
            self._remarks.append(f"the database lacks {', '.join(sorted(self._lacking))}, which the bindings name")
        plan = Plan(self._files, tuple(references), mortals)
        return Drawn(replace(plan, arms=self._arms(plan, texts)), texts, self._remarks)

    def _name(self, name: str) -> str:
        return self._spelt.get(name.casefold(), name)

    def _named(self, names: Sequence[str]) -> list[str]:
        return [self._name(name) for name in names]

    def _spelled(self, key: ForeignKey) -> ForeignKey:
        return replace(key, table=self._name(key.table), target=self._name(key.target))

    def _is_there(self, table: str, *columns: str) -> bool:
        name = self._name(table)
        there: bool = self._has(name, columns)
        if not there and not columns and name not in self._lacking:
            self._lacking.append(name)
        return there

    def _declared(self) -> Iterator[ForeignKey]:
        """References that the bindings declare and the schema does not."""
        for (table, column), (target, target_column) in self._said.columns.items():
            if not self._is_there(table):
                continue
            if not self._is_there(table, column):
                raise CannotTell(f"table {table} has no column {column}, which the bindings say refers to {target}")
            yield ForeignKey(table, column, target, target_column)

    def _mortals(self, doubtful: Sequence[tuple[str, str]]) -> dict[str, Mortal]:
        found: dict[str, Mortal] = {}
        for name in (*self._owners, *self._dependants, *self._superseded):
            if any(name in (key.table, key.target) for key in self._keys) or self._is_there(name):
                mortal = self._mortal(name)
                found |= {name: mortal} if mortal else {}
        for name, why in doubtful:
            self._trust(found, name, why)
        while doubts := list(self._doubts(found)):
            for name, why in doubts:
                self._trust(found, name, why)
        return found

    def _trust(self, mortals: dict[str, Mortal], name: str, why: str) -> None:
        if mortals.pop(name, None):
            self._remarks.append(f"all rows of {name} count as in use, since {why}")

    def _mortal(self, name: str) -> Mortal | None:
        if name in self._dependants:
            column = self._dependants[name]
            parent = next((key for key in self._keys if (key.table, key.column) == (name, column)), None)
            if parent is None:
                self._remarks.append(f"all rows of {name} count as in use, since its {column} is no foreign key")
                return None
            return Mortal(name, parent=parent)
        if name in self._superseded:
            newest = self._superseded[name]
            if not self._is_there(name, newest.newest, *([newest.per] if newest.per else [])):
                self._remarks.append(
                    f"all rows of {name} count as in use, since it lacks a column that the bindings name"
                )
                return None
            return Mortal(name, newest=Newest(newest.newest, newest.per))
        return Mortal(name)

    def _read_texts(self) -> tuple[Texts, list[tuple[str, str]]]:
        """The texts that can be read, and mortal tables whose rows a text may name that cannot, with the reason."""
        texts: Texts = {}
        doubts = []
        for (table, column), names in self._said.texts.items():
            if not self._is_there(table):
                continue
            readable = column == ALL_COLUMNS or self._is_there(table, column)
            targets = {kind: (self._name(target), named) for kind, (target, named) in names.items()}
            if readable:
                texts[self._name(table), column] = targets
                lacking = [(t, f"it has no column {c}") for t, c in targets.values() if not self._is_there(t, c)]
                doubts += [one for one in lacking if one[0] != self._files]
            elif any(target == self._files for target, _ in targets.values()):
                raise CannotTell(f"table {table} has no column {column}, whose text the bindings say names files")
            else:
                why = f"{table} has no column {column}, whose text the bindings say names them"
                doubts += [(target, why) for target, _ in targets.values()]
        return texts, doubts

    def _doubts(self, mortals: dict[str, Mortal]) -> Iterator[tuple[str, str]]:
        references = self._references(mortals)
        for name in self._owners:
            if name in mortals and not any(key.target == name for key in references):
                yield name, "no foreign key refers to it"
        try:
            TopologicalSorter(_leaning(mortals, references)).prepare()
        except CycleError as error:
            for name in set(error.args[1]):
                yield name, "such rows keep each other alive"

    def _references(self, mortals: dict[str, Mortal]) -> list[ForeignKey]:
        """What keeps a file or a mortal row alive: every column that points at one, but for those to parents."""
        parents = {mortal.parent for mortal in mortals.values()}
        kept = {self._files, *mortals}
        return [key for key in dict.fromkeys(self._keys) if key.target in kept and key not in parents]

    def _check_places(self) -> None:
        """A table that is said to use files, and from which nothing leads to one, refers to them unseen."""
        files = {self._files, *self._owners, *self._dependants, *self._superseded}
        referring = {key.table for key in self._keys if key.target in files}
        referring |= {self._name(table) for table, _ in self._said.texts}
        for name in self._named(self._said.in_use):
            if name not in referring and self._is_there(name):
                raise CannotTell(
                    f"table {name}, which the bindings say uses files, has no foreign key to them or their owners"
                )

    def _note_strangers(self, references: Sequence[ForeignKey], mortals: dict[str, Mortal]) -> None:
        known = {*self._named(self._said.tables), *self._declared_tables()}
        strangers = [key for key in references if key.table not in known]
        for name in dict.fromkeys(key.table for key in strangers):
            columns = ", ".join(f"{key.column} -> {key.target}" for key in strangers if key.table == name)
            self._remarks.append(
                f"[references] of the bindings lack table {name} ({columns}): all that it refers to counts as used"
            )

    def _declared_tables(self) -> list[str]:
        return self._named([table for table, _ in self._said.columns])

    def _arms(self, plan: Plan, texts: Texts) -> tuple[Arm, ...]:
        named = [column for names in texts.values() for column in names.values()]
        arms = []
        for hops in _ways(plan, plan.files, ()):
            mortal = plan.mortals[hops[-1].table]
            labels: list[str | None] = [column for table, column in dict.fromkeys(named) if table == mortal.name]
            if not labels:
                labels = ["uid" if self._is_there(mortal.name, "uid") else None]
            arms += [Arm(hops, label, mortal.newest) for label in labels]
            if len(arms) > MOST_ARMS:
                raise CannotTell("too many ways lead from files to their owners")
        return tuple(arms)


def _leaning(mortals: dict[str, Mortal], references: Sequence[ForeignKey]) -> dict[str, set[str]]:
    """For each mortal table those whose rows may keep its rows alive."""
    graph: dict[str, set[str]] = {name: set() for name in mortals}
    for key in references:
        if key.table in mortals and key.target in mortals:
            graph[key.target].add(key.table)
    for name, mortal in mortals.items():
        if mortal.parent and mortal.parent.target in mortals:
            graph[name].add(mortal.parent.target)
    return graph


def _ways(plan: Plan, table: str, before: tuple[Hop, ...]) -> Iterator[tuple[Hop, ...]]:
    """Every way from a file over rows that may have died with it."""
    hops = [Hop(key.table, key.column, key.target_column) for key in plan.to(table) if key.table in plan.mortals]
    parent = plan.mortals[table].parent if table in plan.mortals else None
    if parent and parent.target in plan.mortals:
        hops.append(Hop(parent.target, parent.target_column, parent.column))
    for hop in hops:
        way = (*before, hop)
        yield way
        yield from _ways(plan, hop.table, way)
