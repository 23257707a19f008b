"""DOC001 to DOC007: what can be said of the key specification itself, and of a bucket that lacks what it describes."""

from __future__ import annotations

from rules.document.rule import DocumentRules

__all__ = ["DocumentRules"]
