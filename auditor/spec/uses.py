"""What bindings say of a family beside its keys: content types of its rows, until when it is wanted, which part it is.

All of it names tables and columns, fields and values; nothing here knows any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ContentTypes:
    """Globs of the content types that suit, by the value of `field`; by "" where no field decides (None).

    A value that is not there may have any type.
    """

    field: str | None
    globs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Expiry:
    """Objects are done with when the row of `table` whose `column` is the key's `field` says so.

    `done` is the column with the time at which it was finished (NULL until then), `deadline` the one with the time at
    which it ends in any case; None for a column that there is not.
    """

    field: str
    table: str
    column: str
    done: str | None
    deadline: str | None


@dataclass(frozen=True)
class Part:
    """Objects are bytes [`start`, `end`) of a whole, by the row of `table` whose `file` is the `id` of their row."""

    table: str
    file: str
    id: str
    start: str
    end: str
