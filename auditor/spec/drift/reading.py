"""One segment of one key: the values in it that can be recognised without having seen any other key."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from auditor.spec.drift.pattern import Atom, Pattern, Slot, joined
from auditor.spec.drift.randomness import is_token, looks_random, token_kind
from auditor.spec.kinds import read_kind

_EXTENSIONS = re.compile(r"(?:[.](?:[a-z][a-z0-9]{0,11}|[A-Z][A-Z0-9]{0,11}))+\Z")
_LONGEST_EXTENSIONS = 40  # characters that are looked at
_SEPARATORS = "-_."
_SECONDS = re.compile(r"(?<![0-9])[0-9]{9,10}(?![0-9])")
_PLAUSIBLE = range(946_684_800, 4_102_444_800)  # 2000 to 2099
_ISODATETIME = read_kind("isodatetime").regex
_UID = re.compile(r"oseh_([a-z0-9](?:[a-z0-9_]{0,62}[a-z0-9])?)_[A-Za-z0-9_-]{22}")
_UID_WITHIN = re.compile(r"oseh_([a-z0-9](?:[a-z0-9_]{0,62}?[a-z0-9])??)_[A-Za-z0-9_-]{22}(?=[-_.]|\Z)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})")
_WORDS = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
_LETTERS = re.compile(r"[a-z]{4}[a-z_-]*")
_LONGEST = 1024

Reader = Callable[[str], Pattern | None]


@lru_cache(maxsize=8_192)
def read_segment(segment: str) -> Pattern:
    """
    >>> read_segment("1700000000-a_Bc9D.csv")
    (Slot(kind='timestamp'), '-', Slot(kind='token(4)'), '.csv')
    >>> read_segment("0056_user_history-errors-1700000000.txt")
    ('0056_user_history-errors-', Slot(kind='timestamp'), '.txt')
    >>> read_segment("journey_videos")
    ('journey_videos',)
    """
    stem, extensions = split_extensions(segment)
    return joined([*_read(stem), extensions])


def split_extensions(segment: str) -> tuple[str, str]:
    """
    >>> split_extensions("a.txt.gz"), split_extensions(".profile"), split_extensions("v1.2")
    (('a', '.txt.gz'), ('.profile', ''), ('v1.2', ''))
    """
    tail = segment[-_LONGEST_EXTENSIONS:]
    found = _EXTENSIONS.search(tail)
    if found is None or len(found[0]) == len(segment):
        return segment, ""
    return segment[: -len(found[0])], found[0]


def _read(stem: str) -> Pattern:
    if not stem or len(stem) > _LONGEST:
        return joined([stem])
    for reader in _READERS:
        pattern = reader(stem)
        if pattern is not None:
            return pattern
    return (stem,)


def _around(left: str, slot: Slot, right: str) -> Pattern:
    """What stands before and after a value, each read by itself; one separator belongs to neither."""
    atoms: list[Atom] = []
    if left:
        cut = left[-1] in _SEPARATORS
        atoms += [*_read(left[:-1]), left[-1]] if cut else _read(left)
    atoms.append(slot)
    if right:
        cut = right[0] in _SEPARATORS
        atoms += [right[0], *_read(right[1:])] if cut else _read(right)
    return joined(atoms)


def _isodatetime(stem: str) -> Pattern | None:
    found = _ISODATETIME.search(stem)
    return _around(stem[: found.start()], Slot("isodatetime"), stem[found.end() :]) if found else None


def _uid(stem: str) -> Pattern | None:
    found = _UID.fullmatch(stem)
    return (Slot(f"uid({found[1]})"),) if found else None


def _timestamp(stem: str) -> Pattern | None:
    for found in _SECONDS.finditer(stem):
        left, right = stem[: found.start()], stem[found.end() :]
        # A hint may follow directly; nothing may go before without a separator.
        if int(found[0]) in _PLAUSIBLE and (not left or left[-1] in _SEPARATORS):
            return _around(left, Slot("timestamp"), right)
    return None


def _number(stem: str) -> Pattern | None:
    return (Slot("int"),) if stem.isascii() and stem.isdigit() else None


def _digest(stem: str) -> Pattern | None:
    found = _UUID.fullmatch(stem) or _DIGEST.fullmatch(stem)
    kind = token_kind(len(stem))
    return (Slot(kind),) if found and kind else None


def _token(stem: str) -> Pattern | None:
    kind = token_kind(len(stem)) if is_token(stem) else None
    return (Slot(kind),) if kind else None


def _uid_within(stem: str) -> Pattern | None:
    found = _UID_WITHIN.search(stem)
    if found is None or (found.start() and stem[found.start() - 1] not in _SEPARATORS):
        return None
    return _around(stem[: found.start()], Slot(f"uid({found[1]})"), stem[found.end() :])


def _token_and_letters(stem: str) -> Pattern | None:
    """`word-` and a token: read before tokens alone, since few begin with so many small letters and a hyphen."""
    return _token_and(_LETTERS, stem)


def _token_and_words(stem: str) -> Pattern | None:
    return _token_and(_WORDS, stem)


def _token_and(words: re.Pattern[str], stem: str) -> Pattern | None:
    """`journey_video-` and 22 random characters, or the other way round."""
    for length, kind in ((22, Slot("token(16)")), (11, Slot("token(8)")), (6, Slot("token(4)"))):
        head, tail = stem[:-length], stem[-length:]
        if words.fullmatch(head[:-1]) and head[-1] in _SEPARATORS and _surely_random(tail):
            return joined([head, kind])
        head, tail = stem[:length], stem[length:]
        if words.fullmatch(tail[1:]) and tail[0] in _SEPARATORS and _surely_random(head):
            return joined([kind, tail])
    return None


def _surely_random(text: str) -> bool:
    classes = (str.islower, str.isupper, str.isdigit)
    return looks_random(text) and (len(text) > 11 or all(any(map(is_in, text)) for is_in in classes))


_READERS: tuple[Reader, ...] = (
    _isodatetime,
    _uid,
    _timestamp,
    _number,
    _digest,
    _token_and_letters,
    _token,
    _uid_within,
    _token_and_words,
)
