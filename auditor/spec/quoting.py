"""Text from outside inside our sentences. A twin of `auditor.text`, since the compiler imports nothing of ours."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """The text with everything that could hide or move other text written as an escape.

    >>> visible("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    if text.isascii() and text.isprintable():
        return text
    if not any(map(_hidden, text)):
        return text
    return "".join(_escaped(character) for character in text)


def quoted(text: str) -> str:
    """
    >>> quoted("uploads/")
    '`uploads/`'
    """
    return f"`{visible(text)}`"


def _hidden(character: str) -> bool:
    # Cf holds the marks that change direction or join, all without a width of their own.
    return not character.isprintable() or unicodedata.category(character) == "Cf"


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character.encode("unicode_escape").decode("ascii") if _hidden(character) else character
