"""Many different words at one place: what they have in common, and a slot for what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from auditor.spec.drift.pattern import Atom, Pattern, Slot, joined
from auditor.spec.drift.randomness import are_tokens, is_base64url, token_kind

_DIGITS = re.compile(r"([0-9]+)")
_SEPARATOR = re.compile(r"[-_. ]")
MANY_SEGMENTS = 30  # words that are no slugs may be rubbish: so many must be at one place to be believed


def generalised(words: Sequence[str]) -> Pattern | None:
    """One pattern that every one of these different words fits; None where it would say nothing.

    >>> generalised(["part-1", "part-2", "part-17"])
    ('part-', Slot(kind='int'))
    >>> generalised(["0039_emotions-", "0057_announcements-"])
    (Slot(kind='slug'), '-')
    """
    attempts: tuple[Callable[[Sequence[str]], Pattern | None], ...] = (_numbers, _tokens, _framed, _slug, _segment)
    for attempt in attempts:
        pattern = attempt(words)
        if pattern is not None:
            return pattern
    return None


def _numbers(words: Sequence[str]) -> Pattern | None:
    """Words that differ in their numbers alone."""
    split = [_DIGITS.split(word) for word in words]
    if len({(len(pieces), *pieces[::2]) for pieces in split}) != 1:
        return None
    columns = [set(column) for column in zip(*split, strict=True)]
    return joined(column.pop() if len(column) == 1 else Slot("int") for column in columns)


def _tokens(words: Sequence[str]) -> Pattern | None:
    kind = token_kind(len(words[0]))
    return (Slot(kind),) if kind and not _frame(words) and are_tokens(set(words)) else None


def _framed(words: Sequence[str]) -> Pattern | None:
    """Words that begin or end alike, up to a separator."""
    frame = _frame(words)
    if frame is None:
        return None
    before, after = frame
    middle = generalised([word[len(before) : len(word) - len(after)] for word in words])
    return joined([before, *middle, after]) if middle else None


def _frame(words: Sequence[str]) -> tuple[str, str] | None:
    before = _up_to_separator(_common(words))
    after = _up_to_separator(_common([word[len(before) :][::-1] for word in words]))[::-1]
    if (before or after) and all(len(word) > len(before) + len(after) for word in words):
        return before, after
    return None


def _common(words: Sequence[str]) -> str:
    """The characters that all of them begin with."""
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)))


def _up_to_separator(text: str) -> str:
    cuts = [found.end() for found in _SEPARATOR.finditer(text)]
    return text[: cuts[-1]] if cuts else ""


def _slug(words: Sequence[str]) -> Pattern | None:
    return (Slot("slug"),) if all(map(is_base64url, words)) else None


def _segment(words: Sequence[str]) -> Pattern | None:
    atoms: list[Atom] = [Slot("segment")]
    return joined(atoms) if len(words) > MANY_SEGMENTS and not any("/" in word for word in words) else None
