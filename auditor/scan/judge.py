"""Which class an object and a row belong to. Pure: the same facts give the same class, now and at the second look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from auditor.frames import INSTANT
from auditor.scan.columns import OBJECT_CLASSES, ROW_CLASSES, Codes, Mask, ObjectClass, RowClass, codes_of, mask_of
from auditor.spec.model import Fit, RowPolicy

_IGNORED = {str(Fit.IGNORED): 1}
_FAMILY_IS_KNOWN = {str(Fit.FITS): 1, str(Fit.INVALID_FIELD): 1}
_POLICY = {policy: code for code, policy in enumerate(RowPolicy)}
_POLICY_NONE, _POLICY_UNMANAGED = _POLICY[RowPolicy.NONE], _POLICY[RowPolicy.UNMANAGED]


@dataclass(frozen=True)
class Law:
    """What the judge goes by; frozen before anything is read."""

    policies: Mapping[str, RowPolicy]  # by family
    cutoff: datetime  # rows must have been created before it to be accused
    object_cutoff: datetime  # objects must have been modified before it; earlier than `cutoff` with a backup

    def objects(self, table: pa.Table, has_row: Mask, rows_known: bool, pending_at: pa.Array | None = None) -> Codes:
        """Positions in `columns.OBJECT_CLASSES`; the first line that holds, in the order of the documentation.

        `table` needs key, size, last_modified, family, fit. `rows_known` is False where rows could not be had, so
        that their absence means nothing. `pending_at` is not null for what is on the list of pending deletions.
        """
        listed = np.zeros(table.num_rows, bool) if pending_at is None else mask_of(pending_at.is_valid())
        policy = codes_of(table["family"], {name: _POLICY[p] for name, p in self.policies.items()})
        young = pc.greater_equal(table["last_modified"], pa.scalar(self.object_cutoff, INSTANT))
        lines: list[tuple[Mask, ObjectClass]] = [
            ((codes_of(table["fit"], _IGNORED) == 1) | directory_markers(table), ObjectClass.IGNORED),
            (policy < 0, ObjectClass.UNKNOWN),
            (policy == _POLICY_NONE, ObjectClass.OK),
            (policy == _POLICY_UNMANAGED, ObjectClass.UNMANAGED),
            (has_row, ObjectClass.OK),
            (np.full(table.num_rows, not rows_known), ObjectClass.UNJUDGED),
            (listed, ObjectClass.PENDING),
            (mask_of(young), ObjectClass.TOO_NEW),
        ]
        conditions, classes = zip(*lines, strict=True)
        codes = [np.int8(OBJECT_CLASSES.index(name)) for name in classes]
        return np.select(conditions, codes, np.int8(OBJECT_CLASSES.index(ObjectClass.ORPHAN))).astype(np.int8)

    def rows(self, table: pa.Table) -> Codes:
        """Positions in `columns.ROW_CLASSES` for rows without an object.

        `table` needs fit and row_created_at. A row whose age nobody can read is never accused.
        """
        known = codes_of(table["fit"], _FAMILY_IS_KNOWN) == 1
        old = pc.less(table["row_created_at"], pa.scalar(self.cutoff, INSTANT))
        no_family, too_new, dangling = (
            np.int8(ROW_CLASSES.index(name)) for name in (RowClass.NO_FAMILY, RowClass.TOO_NEW, RowClass.DANGLING)
        )
        return np.select([~known, ~mask_of(old)], [no_family, too_new], dangling).astype(np.int8)


def directory_markers(table: pa.Table) -> Mask:
    """Empty objects whose key ends in a slash: what consoles make when somebody clicks on "create folder"."""
    empty = mask_of(pc.equal(table["size"], 0))
    return empty & mask_of(pc.ends_with(table["key"], pattern="/")) if empty.any() else empty
