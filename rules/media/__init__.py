"""MED001 and MED002: sound and film, by their containers."""

from __future__ import annotations

from rules.media.rule import MediaRules

__all__ = ["MediaRules"]
