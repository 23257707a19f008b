"""The nouns of a compiled specification: families, how well a key fits, what is said about one key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import pyarrow as pa


class Fit(StrEnum):
    """How well a key fits the document."""

    FITS = "fits"
    INVALID_FIELD = "invalid-field"  # one template's shape, but a field's value is not of its kind
    AMBIGUOUS = "ambiguous"  # more than one template after precedence; no family
    MALFORMED = "malformed"  # begins like a template (its literal beginning), then departs; no family
    UNKNOWN = "unknown"  # no template begins like this; no family
    IGNORED = "ignored"  # a glob of the bindings' [ignore]; no family


class RowPolicy(StrEnum):
    """Whether the objects of a family need a database row."""

    REQUIRED = "required"
    NONE = "none"
    UNMANAGED = "unmanaged"  # nobody said


@dataclass(frozen=True)
class PendingBinding:
    """Where redis lists the files that are about to be deleted."""

    key: str  # of a sorted set: members are JSON objects with `bucket` and `key`, scores are unix seconds
    near: timedelta = timedelta(minutes=10)  # an entry with less time left than this is as good as due


@dataclass(frozen=True)
class Classification:
    """Two dictionary-encoded string arrays as long as the keys: `family` (null for none) and `fit` (never null)."""

    family: pa.DictionaryArray
    fit: pa.DictionaryArray
