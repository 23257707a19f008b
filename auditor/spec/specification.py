"""A compiled specification: what the rest of the tool asks."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from auditor.spec.classify import Classifier, plain
from auditor.spec.explain import Explainer
from auditor.spec.explanation import Explanation
from auditor.spec.family import Family
from auditor.spec.faults import Remark
from auditor.spec.fields import FieldValues, field_values
from auditor.spec.model import Classification, Fit, PendingBinding
from auditor.spec.precedence import reason
from auditor.spec.references import References

MOST_REMEMBERED = 4_096  # explanations, in each thread
_SANE_YEARS = range(2000, 2100)  # a backup from outside these would decide nothing, or everything


class _Last(threading.local):
    """What a thread asked for last, and what it was told."""

    keys: Sequence[str] = ()
    explanations: Sequence[Explanation] = ()


@dataclass(frozen=True)
class Specification:
    """Made by `compile_specification`; can be pickled, and be used by several threads.

    `document` and `bindings` are the names of the files, `sha256` is the document's, as hex. `root` is the common
    beginning of the templates. `families` are in the order of the document. `rows` says how the table of rows and its
    columns are called, where the bindings say so (name, key, uid, size, content_type, created_at). `ignore` has the
    globs of keys that nobody wants to hear of. `database_backups` are the families that hold backups of the database,
    the preferred one first; `redis_backups` those of redis. `remarks` say what is odd in the document, in its order.
    `references` sorts the tables that refer to files, None where the bindings say nothing of them. `pending` says which
    sorted set of redis lists the files that are about to be deleted; None where none is named.
    """

    document: str
    sha256: str
    bindings: str | None
    root: str
    families: tuple[Family, ...]
    rows: Mapping[str, str]
    ignore: tuple[str, ...]
    database_backups: tuple[Family, ...]
    remarks: tuple[Remark, ...] = ()
    references: References | None = None
    redis_backups: tuple[Family, ...] = ()
    pending: PendingBinding | None = None

    def classify(self, keys: pa.Array | pa.ChunkedArray) -> Classification:
        """Family and fit of each key (strings, sorted or not; sorted by their bytes is faster)."""
        return self._classifier.classify(keys)

    def field_values(self, keys: pa.Array, classes: Classification | None = None) -> Iterator[FieldValues]:
        """The fields of every key that has a family, family by family; `classes` if they are known already."""
        return field_values(plain(keys), classes or self.classify(keys), self.families)

    def explain(self, key: str) -> Explanation:
        """One key, read by the grammar's other side; the same answer with reasons."""
        return self._explainer.explain(key)

    def explanations(self, keys: Sequence[str]) -> Iterator[Explanation]:
        """What `explain` says of each key, for many keys at once and much faster.

        The rules and the roll-up ask for the same keys one after the other, so what was said last is remembered.
        """
        if len(keys) > MOST_REMEMBERED:
            yield from self._explained(keys)
            return
        last = self._last
        if last.keys != keys:
            last.keys, last.explanations = list(keys), list(self._explained(keys))
        yield from last.explanations

    def _explained(self, keys: Sequence[str]) -> Iterator[Explanation]:
        array = pa.array(keys, pa.string())
        classes = self.classify(array)
        known: dict[int, Explanation] = {}
        fits = classes.fit.to_pylist()
        for found in self.field_values(array, classes):
            index = self._positions[found.family.name]
            for position, values in zip(found.positions.tolist(), found.by_key(), strict=True):
                known[position] = self._explainer.fitting(keys[position], index, values, found.fit)
        for position, key in enumerate(keys):
            if position in known:
                yield known.pop(position)
            elif fits[position] == Fit.UNKNOWN:
                yield self._explainer.unknown(key)
            else:
                yield self.explain(key)

    def beaten(self, key: str) -> Iterator[tuple[Family, str]]:
        """The families that a key with a family fits as well, the most precedent first, and why its own wins."""
        name = self.explain(key).family
        if name is None:
            return
        best = self.family(name)
        for index in self._explainer.rivals(key):
            if self.families[index] is not best:
                yield self.families[index], reason(best, self.families[index])

    def names_instead(self, key: str) -> tuple[str, ...]:
        """For a key of fit UNKNOWN: what templates have in the folder in which it leaves them, in their order."""
        return self._explainer.names_instead(key)

    def family(self, name: str) -> Family:
        """Raises KeyError."""
        return self.families[self._positions[name]]

    def backup_time(self, key: str) -> datetime | None:
        """When a backup of the database or of redis was made, by its key; None for other keys and absurd numbers."""
        explanation = self.explain(key)
        backups = {family.name for family in (*self.database_backups, *self.redis_backups)}
        return self._time_in(explanation) if explanation.family in backups else None

    def key_time(self, key: str) -> datetime | None:
        """The time in a key, by its first field of the kind `timestamp`; None where there is none, or an absurd one."""
        return self._time_in(self.explain(key))

    def key_times(self, keys: Sequence[str]) -> Iterator[datetime | None]:
        """What `key_time` says of each key, for many keys at once and faster."""
        return map(self._time_in, self.explanations(keys))

    def _time_in(self, explanation: Explanation) -> datetime | None:
        if explanation.family is None:
            return None
        kinds = self.family(explanation.family).kinds
        for field in explanation.fields:
            if field.valid and kinds[field.name].is_timestamp:
                return _instant(field.value)
        return None

    def __getstate__(self) -> dict[str, Any]:
        # What is compiled from the fields holds locks and closures, and is made again where it is wanted.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def _classifier(self) -> Classifier:
        return Classifier(self.families, self.ignore)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.families, self.ignore)

    @cached_property
    def _last(self) -> _Last:
        return _Last()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {family.name: position for position, family in enumerate(self.families)}


def _instant(value: str) -> datetime | None:
    seconds = re.match("[0-9]*", value)
    moment = datetime.fromtimestamp(int(seconds[0]), UTC) if seconds and seconds[0] else None
    return moment if moment and moment.year in _SANE_YEARS else None
