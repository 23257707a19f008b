"""What a plug-in looks like from inside the engine: five kinds of rules, and report formats.

A team adds its own through the entry-point groups `auditor.rules` and `auditor.reports`; each entry names a class
that is called without arguments. Rules never do I/O: what they need is handed to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, runtime_checkable

import pandas as pd

from auditor.findings import Problem, RuleInfo
from auditor.record import Run, RunSoFar
from auditor.spec import Family, Specification
from auditor.store.base import Store


@dataclass(frozen=True)
class Context:
    """What every rule may know about the run it is part of."""

    spec: Specification
    bucket: str
    cutoff: datetime | None = None  # what is accused must be older
    rows_as_of: datetime | None = None  # the backup's time; None with a live database or without rows
    has_rows: bool = False
    pending_due: datetime | None = None  # what is to be deleted up to then is due; None without a list
    pending_as_of: datetime | None = None  # the time of the redis backup that the list comes from; None with a live one


class Rule(Protocol):
    """One module of rules; `infos` holds a record for each code that it may report."""

    infos: tuple[RuleInfo, ...]


@runtime_checkable
class DocumentRule(Rule, Protocol):
    def check_document(self, context: Context) -> Iterator[Problem]: ...


@runtime_checkable
class BatchRule(Rule, Protocol):
    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        """Problems of one batch, by position.

        `frame` is the outer join of the objects and the rows of one key range, in key order, with Arrow dtypes:
        key (string); of the object, null where only a row has the key: size (int64, bytes), last_modified
        (timestamp, UTC), etag, storage_class, class (string); of the row, null where no row has the key: row_class
        (string), row_uid (string), row_size (int64, bytes, -1 for unknown), row_content_type (string),
        row_created_at (timestamp, UTC); of both: family (string, null for none), fit (string, see `auditor.spec`);
        null where it is not known: referenced (bool, whether anything that is in use refers to the row; false for young
        rows, too, whose use may be on its way), reference_chain (string, what was looked at where it is false),
        owners_missing (string, fields whose uid no row of its owner has, separated by commas; empty for none),
        stale_since (timestamp, UTC, since when the object is wanted no longer; it may lie ahead), stale_why (string:
        "finished", "expired", or empty for neither), part_size (int64, bytes that it must have as a part of a whole),
        pending_at (timestamp, UTC, when the object is going to be deleted), remains (struct, of a dangling row at the
        second look: what a versioned bucket keeps of its object, see `auditor.scan.columns.REMAINS`).

        What costs look-ups is only known where a rule that runs says that it reads it: `reads`, a collection of names
        of such columns, beside `infos`.
        """
        ...


class Depth(StrEnum):
    """How much of one object is looked at."""

    HEADERS = "headers"  # a few kilobytes from either end, by ranged reads
    FULL = "full"  # every byte


@dataclass(frozen=True)
class Query:
    """A SELECT that a content rule wants answered.

    `:key` stands for the object's key if the text uses it. `(:keys)` stands for the keys of many objects, which is
    one question instead of many; each row of the answer then has the key that it is about in a column `object_key`.
    """

    sql: str


def nothing_more(start: int, length: int) -> bytes:
    raise NotImplementedError("these facts came without a way to read more")


@dataclass(frozen=True)
class ContentFacts:
    """What is known about an object before its bytes are read.

    `answers` has, for each of the rule's queries, its rows as dictionaries; None where there are no rows to ask or
    the database lacks the table. `settled` says that the object is older than the cutoff, so that what the database
    lacks may be held against it. `content` is the bindings' name of its format. `fetch` reads more than was planned:
    bytes [start, start + length) of the object, fewer only at its end; each call is one ranged request, so it is for
    what only the first bytes can tell.
    """

    key: str
    size: int
    last_modified: datetime
    row_uid: str | None
    settled: bool
    answers: Mapping[str, Sequence[Mapping[str, Any]] | None]
    row_content_type: str | None = None
    content: str | None = None
    depth: Depth = Depth.FULL
    fetch: Callable[[int, int], bytes] = nothing_more
    family: Family | None = None  # with what the bindings say of it


@runtime_checkable
class ContentRule(Rule, Protocol):
    contents: frozenset[str]  # the bindings' names of the formats it checks
    queries: Mapping[str, Query]

    def plan(self, size: int, depth: Depth) -> Sequence[tuple[int, int]] | None:
        """Byte ranges (start, length) to read; empty when the listing says enough.

        None when nothing can be said at this depth: the rule is not asked then, and the object counts as not looked
        at unless another rule looks.
        """
        ...

    def check_content(self, streams: Sequence[BinaryIO], facts: ContentFacts) -> Iterator[Problem]:
        """Problems of one object; one stream for each planned range, read in order and only once."""
        ...


@runtime_checkable
class RunRule(Rule, Protocol):
    def check_run(self, run: RunSoFar, context: Context) -> Iterator[Problem]:
        """Problems of the whole run; those that are about a key come in key order (UTF-8 bytes)."""
        ...


@runtime_checkable
class BucketRule(Rule, Protocol):
    def check_bucket(self, store: Store, prefix: str, context: Context) -> Iterator[Problem]: ...


class Report(Protocol):
    """One format. `filename` is None for a format that is printed; such a class is called with `width` and `color`.

    A class with the attribute `on_request = True` is only made when it is asked for by name.
    """

    filename: str | None

    def render(self, run: Run) -> Iterator[str]:
        """The report's text in pieces, so that a large one is never held whole."""
        ...
