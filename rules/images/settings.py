"""The JSON text from which a share image is generated, kept in place of an original."""

from __future__ import annotations

import json

BYTES = 1 << 20


def damage(data: bytes) -> str | None:
    """What is wrong, as the end of "the JSON text …"; None where it is one object.

    >>> damage(b'{"title": "x"}'), damage(b'{"title":')
    (None, 'cannot be parsed')
    """
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError):
        return "cannot be parsed"
    return None if isinstance(parsed, dict) else "is no object with settings"
