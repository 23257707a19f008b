"""Keys that the document does not explain, each with the label that it shares with the keys beside it."""

from __future__ import annotations

import pyarrow as pa

from auditor.frames import INSTANT
from auditor.scan.columns import ObjectClass, codes_of
from auditor.spec import UNEXPLAINED, Specification, prefix_of

LABEL = ["fit", "prefix", "field"]  # see `auditor.spec.KeyPrefix`

LABELLED = pa.schema(
    [
        *((name, pa.string()) for name in (*LABEL, "nearest")),
        ("key", pa.string()),
        ("size", pa.int64()),  # bytes
        ("last_modified", INSTANT),
        ("has_row", pa.bool_()),
    ]
)

_WANTED = {str(fit): 1 for fit in UNEXPLAINED}
_IGNORED = {str(ObjectClass.IGNORED): 1}


def unexplained(spec: Specification, table: pa.Table) -> pa.Table:
    """LABELLED for the objects of a MERGED table whose key is unexplained: those of which a KEY rule may speak."""
    wanted = (codes_of(table["fit"], _WANTED) == 1) & (codes_of(table["class"], _IGNORED) != 1)
    if not wanted.any():
        return LABELLED.empty_table()
    mine = table.filter(pa.array(wanted))
    prefixes = [prefix_of(explanation, spec) for explanation in spec.explanations(mine["key"].to_pylist())]
    columns = {
        "fit": [str(prefix.fit) for prefix in prefixes],
        "prefix": [prefix.text for prefix in prefixes],
        "field": [prefix.field for prefix in prefixes],
        "nearest": [prefix.nearest for prefix in prefixes],
        **{name: mine[name] for name in ("key", "size", "last_modified")},
        "has_row": mine["row_class"].is_valid(),
    }
    return pa.table(columns, schema=LABELLED)
