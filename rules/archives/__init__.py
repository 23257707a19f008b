"""ZIP001: course exports, read by their central directory or whole.

The format: .ZIP File Format Specification (APPNOTE.TXT), PKWARE. The directory is read by `zipfile`, behind limits.
"""

from __future__ import annotations

from rules.archives.rule import CourseExportRule

__all__ = ["CourseExportRule"]
