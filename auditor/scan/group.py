"""What the unexplained keys of one prefix add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow.compute as pc

from auditor.spec import Fit, KeyPrefix
from auditor.text import human_bytes, isoformat, printable

# What is summed of the parts of a group: columns of `unexplained.LABELLED`, and how.
SUMS: list[tuple[Any, ...]] = [
    ("size", "sum"),
    ("last_modified", "min"),
    ("last_modified", "max"),
    ("has_row", "sum"),
    ("nearest", "first", pc.ScalarAggregateOptions(skip_nulls=False)),
    ("key", "list"),
]

_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_RULES = {Fit.UNKNOWN: "KEY001", Fit.MALFORMED: "KEY002", Fit.INVALID_FIELD: "KEY003", Fit.AMBIGUOUS: "KEY004"}


class Label(NamedTuple):
    """The columns of `unexplained.LABEL`; `prefix` is None for everything that has no entry of its own."""

    fit: str
    prefix: str | None
    field: str | None

    @property
    def words(self) -> str:
        if self.prefix is None:
            return f"{self.fit} keys elsewhere"
        return KeyPrefix(Fit(self.fit), self.prefix, None, self.field).words


@dataclass
class Examples:
    """The first, the last and one from between of keys that come in order, without holding the others."""

    count: int = 0
    first: str = ""
    last: str = ""
    marks: tuple[str, ...] = ()  # the newest two of the keys at positions 1, 2, 4, 8, …
    due: int = 1  # the position of the next

    def add(self, keys: Sequence[str]) -> None:
        self.first = self.first if self.count else keys[0]
        self.last = keys[-1]
        while self.due < self.count + len(keys):
            self.marks = (*self.marks, keys[self.due - self.count])[-2:]
            self.due *= 2
        self.count += len(keys)

    def chosen(self) -> list[str]:
        between = [mark for mark in self.marks if mark != self.last][-1:]
        return list(dict.fromkeys([self.first, *between, self.last]))


@dataclass
class Group:
    size: int = 0  # bytes
    first_modified: datetime = _LATEST
    last_modified: datetime = _EARLIEST
    with_rows: int = 0
    nearest: str | None = None  # of the first key
    examples: Examples = field(default_factory=Examples)

    def add(self, part: Mapping[str, Any]) -> None:
        """A part that has the SUMS; parts come in key order."""
        self.nearest = self.nearest if self.examples.count else part["nearest_first"]
        self.size += part["size_sum"]
        self.first_modified = min(self.first_modified, part["last_modified_min"])
        self.last_modified = max(self.last_modified, part["last_modified_max"])
        self.with_rows += part["has_row_sum"]
        self.examples.add(part["key_list"])

    def entry(self, label: Label, *, rows_known: bool) -> dict[str, Any]:
        """An entry of `unexplained` in summary.json."""
        with_rows = self.with_rows if rows_known else None
        nearest = None if label.prefix is None else self.nearest
        return {
            "rule": _RULES[Fit(label.fit)],
            "prefix": label.prefix,
            "field": label.field,
            "objects": self.examples.count,
            "bytes": self.size,
            "first_modified": isoformat(self.first_modified),
            "last_modified": isoformat(self.last_modified),
            "examples": self.examples.chosen(),
            "nearest": nearest,
            "with_rows": with_rows,
            "sentence": self._sentence(label, with_rows, nearest),
        }

    def _sentence(self, label: Label, with_rows: int | None, nearest: str | None) -> str:
        """One line for people; nothing in it moves a cursor."""
        facts = [f"{self.examples.count:,} {'object' if self.examples.count == 1 else 'objects'}"]
        facts += [human_bytes(self.size), f"last modified {self._days()}"]
        facts += [] if with_rows is None else [f"{with_rows:,} with a row"]
        facts += [f"nearest template `{printable(nearest)}`"] if nearest and nearest != label.prefix else []
        words = label.words
        return f"{words[0].upper()}{words[1:]}: {', '.join(facts)}."

    def _days(self) -> str:
        first, last = self.first_modified.date().isoformat(), self.last_modified.date().isoformat()
        return first if first == last else f"{first} to {last}"
