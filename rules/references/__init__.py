"""Objects, rows, and what refers to them."""

from rules.references.presence import ReferenceRules

__all__ = ["ReferenceRules"]
