"""Whether a text reads like base64url of random bytes, or like a word that somebody chose."""

from __future__ import annotations

import re

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_WORDS = (
    re.compile(r"[0-9]*[A-Z]?[a-z]+[0-9]*"),  # word, Word, word01, 0056word
    re.compile(r"[a-z]+[0-9]+[a-z]+[0-9]?"),  # utf8mb4
    re.compile(r"[0-9]*[A-Z]+[0-9]*"),
)
_HUMPS = re.compile(r"[A-Z]?[a-z]+")
_ESTABLISHED = (22, 11, 6)  # characters of 16, 8 and 4 bytes: what a single value is believed to be


def is_base64url(text: str) -> bool:
    return _BASE64URL.fullmatch(text) is not None


def token_kind(length: int) -> str | None:
    """The kind of tokens with that many characters; None where no number of bytes has so many.

    >>> token_kind(11), token_kind(6), token_kind(5)
    ('token(8)', 'token(4)', None)
    """
    size = length * 3 // 4
    return f"token({size})" if 0 < size <= 750 and -(-size * 4 // 3) == length else None


def looks_random(text: str) -> bool:
    """Whether it reads like base64url, and like no word. One random text of 6 characters in thirty reads like a word,
    of 11 hardly any.

    >>> [looks_random(text) for text in ("jdhe7A_x", "kQ3x-9", "master", "Readme", "part01", "utf8mb4", "TimeSeries")]
    [True, True, False, False, False, False, False]
    """
    letters = text.replace("-", "").replace("_", "")
    if not is_base64url(text) or not letters or letters.isdigit():
        return False
    return not any(form.fullmatch(letters) for form in _WORDS) and not _is_camel_case(letters)


def _is_camel_case(letters: str) -> bool:
    """TimeSeries, but not TiMeSeRiEs."""
    humps = _HUMPS.findall(letters)
    return "".join(humps) == letters and all(len(hump) > 3 for hump in humps)


def is_token(text: str) -> bool:
    """Whether one value alone is to be taken for a token of an established length."""
    return len(text) in _ESTABLISHED and looks_random(text)


def are_tokens(texts: set[str]) -> bool:
    """Whether many values at one place are tokens of whatever length: all as long as each other, most of them mixed."""
    lengths = {len(text) for text in texts}
    if len(lengths) != 1 or not all(is_base64url(text) for text in texts):
        return False
    (length,) = lengths
    mixed = sum(looks_random(text) for text in texts)
    return token_kind(length) is not None and length >= 6 and mixed >= 0.7 * len(texts)
