"""What the user wants cleaned: rules, families, prefixes, globs, ages and sizes, and how long backups are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from auditor.cleanup.model import SUPERSEDED
from auditor.errors import CannotStart
from auditor.findings import Finding, RuleInfo
from auditor.scan.references.chain import says_superseded
from auditor.selection import choose
from auditor.spec import Specification
from auditor.spec.globs import matchers

CLEANABLE = ("REF001", "REF004", "REF007", "UPL001")
BACKUPS = frozenset({"database-backup", "redis-backup"})


@dataclass(frozen=True)
class Retention:
    """Backups of a family that are older than `age` go; the newest `keep` sound ones stay however old they are."""

    family: str
    age: timedelta
    keep: int


@dataclass(frozen=True)
class Selection:
    """Within one kind of filter any may hold; between kinds all must. Times are compared with `started`."""

    codes: frozenset[str]
    superseded: bool = False
    families: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    older_than: timedelta | None = None
    larger_than: int | None = None  # bytes
    retentions: tuple[Retention, ...] = ()

    def wants(self, finding: Finding, spec: Specification) -> bool:
        """Whether the finding is of a chosen rule."""
        if finding.rule in self.codes:
            return True
        return self.superseded and finding.rule == "REF004" and is_superseded(finding, spec)

    def holds(
        self, key: str, family: str | None, modified: datetime | None, size: int | None, started: datetime
    ) -> bool:
        """Whether an object passes the filters. What is not known passes no filter that asks for it."""
        checks = (
            not self.families or family in self.families,
            not self.prefixes or key.startswith(self.prefixes),
            not self.globs or any(pattern.match(key) for pattern in self._patterns),
            self.older_than is None or (modified is not None and modified < started - self.older_than),
            self.larger_than is None or (size is not None and size > self.larger_than),
        )
        return all(checks)

    def described(self) -> dict[str, Any]:
        """What plan.json says of it."""
        return {
            "select": sorted([*self.codes, *([SUPERSEDED] if self.superseded else [])]),
            "families": sorted(self.families),
            "prefixes": sorted(self.prefixes),
            "globs": sorted(self.globs),
            "older_than_seconds": self.older_than and self.older_than.total_seconds(),
            "larger_than_bytes": self.larger_than,
        }

    @cached_property
    def _patterns(self) -> Sequence[Any]:
        return matchers(self.globs)


def is_superseded(finding: Finding, spec: Specification) -> bool:
    """Whether a newer row of a table that the family belongs to has taken the place of the finding's."""
    if finding.family is None or spec.references is None:
        return False
    tables = set(spec.family(finding.family).tables) & set(spec.references.superseded)
    return any(says_superseded(finding.message, table) for table in tables)


def chosen_codes(infos: Mapping[str, RuleInfo], select: Iterable[str]) -> tuple[frozenset[str], bool]:
    """The codes that `--select` names, and whether it names what newer files have replaced.

    Raises CannotStart for what no plan cleans.
    """
    named = [one.strip() for one in select]
    rules = [one for one in named if one.lower() != SUPERSEDED]
    codes = choose(infos, rules) if rules else frozenset()
    foreign = sorted(codes - set(CLEANABLE))
    if foreign:
        raise CannotStart(
            f"a plan does not clean what {', '.join(foreign[:5])} finds: select {', '.join(CLEANABLE)} or {SUPERSEDED}"
        )
    return codes, len(rules) < len(named)


def read_retentions(given: Sequence[tuple[str, timedelta]], keep: int, spec: Specification) -> tuple[Retention, ...]:
    """From (family or "", age); "" means every other family of backups, save secret ones. Raises CannotStart."""
    known = {family.name for family in spec.families if family.content in BACKUPS or family.series}
    ages: dict[str, timedelta] = {}
    for name, age in given:
        if name and name not in known:
            raise CannotStart(
                f"{name!r} is no family of backups: choose from {', '.join(sorted(known)) or 'none in this document'}"
            )
        if name in ages:
            raise CannotStart(f"--retain-backups says twice how long {name or 'backups'} are kept: say it once")
        ages[name] = age
    secret = {family.name for family in spec.families if family.secret}
    for name in known - secret if "" in ages else ():
        ages.setdefault(name, ages[""])
    return tuple(Retention(name, age, keep) for name, age in sorted(ages.items()) if name)


def check_families(names: Iterable[str], spec: Specification) -> None:
    """Raises CannotStart for a family that the document lacks."""
    unknown = sorted(set(names) - {family.name for family in spec.families})
    if unknown:
        raise CannotStart(f"the document has no family {unknown[0]!r}: `auditor spec show` lists them all")
