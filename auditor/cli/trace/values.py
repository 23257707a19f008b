"""Values of a database, for a line of text."""

from __future__ import annotations

from typing import Any

from auditor.text import printable

_LONGEST = 200  # characters


def shown(value: Any) -> str:
    """
    >>> shown(None), shown(5), shown("a\\x1bb"), shown("x" * 300)[-6:]
    ('NULL', '5', 'a\\\\x1bb', 'xxxxx…')
    """
    if value is None:
        return "NULL"
    text = str(value)
    return printable(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
