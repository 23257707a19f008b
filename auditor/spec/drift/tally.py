"""What a set of objects amounts to, counted batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

EXAMPLES = 3

# One batch of what drifted: `recorded` says whether a row has the key.
OBSERVED = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("last_modified", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("recorded", pa.bool_(), nullable=False),
    ]
)


@dataclass
class Tally:
    objects: int = 0
    size: int = 0  # bytes
    with_rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    examples: list[str] = field(default_factory=list)

    def add(self, batch: pa.Table | pa.RecordBatch) -> None:
        """A batch with the columns of OBSERVED, all of it."""
        if not batch.num_rows:
            return
        first, last = (pc.min_max(batch["last_modified"])[end].as_py() for end in ("min", "max"))
        self.objects += batch.num_rows
        self.size += pc.sum(batch["size"]).as_py()
        self.with_rows += pc.sum(batch["recorded"]).as_py()
        self.first = min(filter(None, (self.first, first)))
        self.last = max(filter(None, (self.last, last)))
        self.examples += batch["key"][: EXAMPLES - len(self.examples)].to_pylist()

    def plus(self, other: Tally) -> Tally:
        return Tally(
            self.objects + other.objects,
            self.size + other.size,
            self.with_rows + other.with_rows,
            min(filter(None, (self.first, other.first)), default=None),
            max(filter(None, (self.last, other.last)), default=None),
            (self.examples + other.examples)[:EXAMPLES],
        )


def tally_each(tallies: dict[str, Tally], names: pa.DictionaryArray, batch: pa.Table) -> None:
    """Adds each row of the batch to the tally that `names` (nulls: none) has for it; makes tallies where none are."""
    codes: npt.NDArray[np.int32] = names.indices.fill_null(-1).to_numpy()
    for code in np.unique(codes[codes >= 0]):
        mine = batch.filter(pa.array(codes == code))
        tallies.setdefault(names.dictionary[int(code)].as_py(), Tally()).add(mine)
