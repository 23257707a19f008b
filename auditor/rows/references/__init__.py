"""Which rows nothing refers to: one question for the database, whatever database it is."""

from auditor.rows.references.plan import Arm, Hop, Mortal, Newest, Plan, Witness
from auditor.rows.references.sql import Wording, unreferenced

__all__ = ["Arm", "Hop", "Mortal", "Newest", "Plan", "Witness", "Wording", "unreferenced"]
