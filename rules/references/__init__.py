"""Objects, rows, and what refers to them."""

from rules.references.pending import PendingRules
from rules.references.presence import ReferenceRules

__all__ = ["PendingRules", "ReferenceRules"]
