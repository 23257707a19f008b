"""Objects, rows, and what refers to them."""

from rules.references.pending import PendingRules
from rules.references.presence import ReferenceRules
from rules.references.unreferenced import UnreferencedRules

__all__ = ["PendingRules", "ReferenceRules", "UnreferencedRules"]
