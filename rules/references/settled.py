"""What may be accused because of something that tables lack: an object with its row, both old enough."""

from __future__ import annotations

import pandas as pd

from auditor.protocols import Context


def recorded(frame: pd.DataFrame) -> pd.Series[bool]:
    """Objects that have their row."""
    return (frame["class"] == "ok") & (frame["row_class"] == "matched")


def settled(frame: pd.DataFrame, context: Context) -> pd.Series[bool]:
    """Of these, the ones older than the cutoff; a row whose age nobody can read is as old as its object."""
    old = frame["last_modified"] < context.cutoff
    return recorded(frame) & old & (frame["row_created_at"] < context.cutoff).fillna(value=True)
