"""The names of classes, and the columns of a batch after objects and rows have met."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT, OBJECTS, plain


class ObjectClass(StrEnum):
    IGNORED = "ignored"
    GONE = "gone"
    UNKNOWN = "unknown"
    OK = "ok"
    UNMANAGED = "unmanaged"
    UNJUDGED = "unjudged"
    PENDING = "pending"
    TOO_NEW = "too-new"
    ORPHAN = "orphan"


class RowClass(StrEnum):
    MATCHED = "matched"
    OUTSIDE = "outside"
    NO_FAMILY = "no-family"
    TOO_NEW = "too-new"
    GONE = "gone"
    UNJUDGED = "unjudged"
    DANGLING = "dangling"


OBJECT_CLASSES = list(ObjectClass)
ROW_CLASSES = list(RowClass)

Codes = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

NAMES = pa.dictionary(pa.int16(), pa.string())

# What sides know of a key (see `sides`); null where it is not known
SIDES = pa.schema(
    [
        pa.field("referenced", pa.bool_()),  # whether anything in the database refers to the row
        pa.field("owners_missing", pa.string()),  # fields whose uid no row of its owner has, separated by commas
        pa.field("pending_at", INSTANT),  # when the key will be deleted, by the list of pending deletions
    ]
)

# What a versioned bucket keeps of a deleted object; no version when it is gone for good
REMAINS = pa.struct(
    [
        ("deleted_at", INSTANT),
        ("markers", pa.list_(pa.string())),  # version ids of the delete markers above the version
        ("version_id", pa.string()),
        ("version_size", pa.int64()),  # bytes
        ("version_modified", INSTANT),
        ("storage_class", pa.string()),
    ]
)

MERGED = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        *(pa.field(column.name, column.type) for column in OBJECTS if column.name != "key"),
        pa.field("family", NAMES),
        pa.field("fit", NAMES),
        pa.field("class", NAMES),  # null where only a row has the key
        pa.field("row_class", NAMES),  # null where no row has the key
        pa.field("row_uid", pa.string()),
        pa.field("row_size", pa.int64()),
        pa.field("row_content_type", pa.string()),
        pa.field("row_created_at", INSTANT),
        *SIDES,
        pa.field("remains", REMAINS),  # of a dangling row's key; null for nothing, or where it is not known
    ]
)


# objects.parquet: what was listed, and what became of it
RECORD = pa.schema([*OBJECTS, pa.field("family", NAMES), pa.field("class", NAMES), pa.field("row_uid", pa.string())])

# Rows whose object is gone, as the second look left them
DANGLING = ["key", "family", "row_uid", "row_size", "row_created_at"]

# What a later step found out about an object that was recorded already
CORRECTIONS = pa.schema([("key", pa.string()), ("class", pa.string()), ("row_uid", pa.string())])


def named(codes: Codes, names: list[ObjectClass] | list[RowClass]) -> pa.DictionaryArray:
    """Codes (positions in `names`, -1 for null) as a dictionary array of type NAMES."""
    indices = pa.array(codes.astype(np.int16), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([str(name) for name in names]))


def mask_of(column: pa.ChunkedArray | pa.Array) -> Mask:
    """A boolean column as numpy; null is False."""
    mask: Mask = plain(column).fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def codes_of(array: pa.ChunkedArray | pa.Array, meaning: dict[str, int], default: int = -1) -> Codes:
    """What each value of a dictionary array means; `default` for null and for values without a meaning."""
    array = plain(array)
    table = np.array([meaning.get(value, default) for value in array.dictionary.to_pylist()] + [default], dtype=np.int8)
    indices = array.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)
    result: Codes = table[indices]
    return result


def count_values(column: pa.ChunkedArray | pa.Array) -> Counter[str]:
    """How often each value of a dictionary column occurs; null is not counted."""
    counts = pc.value_counts(plain(column).cast(pa.string()))
    return Counter({entry["values"]: entry["counts"] for entry in counts.to_pylist() if entry["values"] is not None})
